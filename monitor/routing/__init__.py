"""From an address to the page it names, and to the regions that change with it."""
