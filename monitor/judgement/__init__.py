"""Whether what is seen still fits what was promised."""
