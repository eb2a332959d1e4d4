"""What goes in and out, as marshmallow schemas: read-only views of the tables, and strict requests."""
