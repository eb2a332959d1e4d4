"""PostgreSQL: the server, embedded or given, its schema, and frames in and out of its tables."""
