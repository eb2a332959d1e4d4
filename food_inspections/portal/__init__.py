"""The city's portal: a client for it, a stand-in of it for this machine, and an artificial city to serve."""
