"""MLflow, where one is set: candidates, trials, champions."""
