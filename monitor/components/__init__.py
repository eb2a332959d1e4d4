"""The parts that pages are put together from; their looks are in ``assets/``."""
