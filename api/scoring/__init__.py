"""Scores on demand: feature rows of the visits asked for, and the model in use."""
