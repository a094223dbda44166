"""Ours beside the obvious way, and how both grow: docs/reference/benchmarks.md."""

KEY = "synthetic-key-for-the-bench-only-0123456789"
"""Signs the workbooks made here."""
