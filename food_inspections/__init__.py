"""Food Inspections: an open forecasting system for public food inspections."""
