"""The plan of a week: which places are visited, by whom, when, in which order, and what that means for areas."""
