"""Food Inspections: an open forecasting system for public food inspections."""

import os

# As pandas 3 does always: what nobody changes is not copied, which of the features of all weeks saves gigabytes.
# Read when pandas is imported, which whoever asks what is out of date does not do.
os.environ.setdefault("PANDAS_COPY_ON_WRITE", "1")
