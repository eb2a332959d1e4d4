"""Models: their files, candidates, and the log of decisions."""
