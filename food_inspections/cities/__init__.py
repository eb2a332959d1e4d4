"""One profile a city: the only place where a city's own words stand."""
