"""The JSON Schema of a campaign file, for editors that complete and check YAML while one types.

``python -m include.campaigns.schema`` writes it anew after a change of the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from include.domain.campaign import Campaign

SCHEMA_FILE = Path(__file__).parent / "campaign.schema.json"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``campaign.yaml``; its hints are the fields' Chinese descriptions."""
    generated = Campaign.model_json_schema()
    for definition in (generated, *generated["$defs"].values()):
        definition.pop("description", None)  # class docstrings are for developers
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}


def schema_text() -> str:
    """The schema as it is stored."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
