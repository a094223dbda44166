"""Rehearsals: a whole campaign against synthetic units, on a simulated calendar, through the real steps."""

SEED = 20240506
UNITS = 144
"""Units (家) that play along unless told otherwise."""
