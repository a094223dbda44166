"""A form (报送表): the one source of workbook, checks, parser and instructions."""

from __future__ import annotations

from include.domain.model import Key, Strict, Text


class Form(Strict):
    key: Key
    title: Text
    version: Text
