"""What the web server does besides pages: files, probes, Dash's scripts, security headers."""
