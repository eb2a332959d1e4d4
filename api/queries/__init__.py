"""SQL of the routes, one module per resource; values go in as parameters only."""
