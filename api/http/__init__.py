"""What all routes have in common: arguments, keys, limits, errors, caching, forms of an answer, documentation."""
