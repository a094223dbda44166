"""Days as official documents write them."""

from __future__ import annotations

from datetime import date


def zh_date(day: date) -> str:
    """2024年6月5日: Arabic figures without leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"
