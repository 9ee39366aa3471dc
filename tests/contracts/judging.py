"""Validators that share nothing with the contracts' own code: JSON Schema with its formats checked."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft7Validator, FormatChecker

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMAS = CHECKOUT / "contracts" / "schemas"
EXAMPLES = CHECKOUT / "contracts" / "examples"
CLOUDEVENTS = CHECKOUT / "tests" / "data" / "cloudevents" / "cloudevents.schema.json"

FORMATS = FormatChecker(formats=())
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    datetime.fromisoformat(value)
    return bool(_RFC_3339.fullmatch(value))


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.strptime(value, "%Y-%m-%d"))


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and " " not in value)


@FORMATS.checks("uri-reference", raises=ValueError)
def _is_uri_reference(value: object) -> bool:
    return not isinstance(value, str) or (bool(urlsplit(value)) and " " not in value)


def validator(schema: dict[str, Any]) -> Draft7Validator:
    """Checks a document against a draft 7 schema, formats included."""
    return Draft7Validator(schema, format_checker=FORMATS)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
