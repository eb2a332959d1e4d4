"""Tests of what meets the network."""
