"""Days as official documents write them."""

from __future__ import annotations

import calendar
from datetime import date


def zh_date(day: date) -> str:
    """2024年6月5日: Arabic figures without leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the month's last where it has none: 01-31 → 02-28."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
