"""Recipes: how a forecast is made from feature rows, one file each, listed in the registry."""
