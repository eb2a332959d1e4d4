"""Whether a forecast still holds: drift, distributions, fairness, performance, the rules of retraining."""
