"""Frame to figure, pure: no database, no page, no state."""
