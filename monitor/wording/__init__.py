"""How numbers, days and names are written, and what the program's terms mean in plain words."""
