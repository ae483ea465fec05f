"""Readings of a condition: one module each, and none knows another."""
