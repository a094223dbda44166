"""Synthetic settlement data, seeded: a base population (``base``), and planted cases per rule (``plant_sNN``)."""
