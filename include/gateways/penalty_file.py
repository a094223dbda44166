"""The articles and limits of include/penalties.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from include.domain.penalties import Law

PENALTIES = Path(__file__).resolve().parent.parent / "penalties.yaml"


@cache
def load_law(path: Path = PENALTIES) -> Law:
    """Raise pydantic.ValidationError naming the article and field that is wrong."""
    return Law.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
