"""What was written when, from what, and whether it was accepted."""
