"""What a city's profile says, and how it turns the portal's rows into inspections that know no city."""
