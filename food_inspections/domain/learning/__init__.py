"""How a model is made: split by time, fitted, calibrated, searched, selected, explained."""
