"""SoQL, the query language of Socrata portals: request parameters -> syntax tree -> SQL for SQLite."""
