"""Where the routes lie."""

PREFIX = "/api/v1"
