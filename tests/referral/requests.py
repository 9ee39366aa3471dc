"""Referral requests as organisations send them, to be varied by each test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

CLINIC = "vardcentralen-city"
SCHOOL = "centralskolan"

NAME = "Vilhelmina Kanariefågel"
PHONE = "070-174 06 05"
EMAIL = "vilhelmina@kanarie.example"
ADDRESS = "Kanariegränd 7, Norrköping"
REASON = "Har varit ensam sedan kanariefågeln flög"
UNIT = "Mottagning Kanarie"
NURSE = "Siv Kanarieskötare"

_NUMBERS = json.loads(
    (Path(__file__).parents[1] / "data" / "personnummer" / "structured.json").read_text(encoding="utf-8")
)
NUMBER = "19460823-9986"
"""A valid identity number from the test data; the same as SAME_NUMBER."""
SAME_NUMBER = "460823-9986"
ANOTHER_NUMBER = "19570428-9999"
VALID_NUMBERS: list[str] = [text for kind in ("ssn", "con") for text in _NUMBERS[kind]["string"]["valid"]]
INVALID_NUMBERS: list[str] = [text for kind in ("ssn", "con") for text in _NUMBERS[kind]["string"]["invalid"]]

CANARIES = (
    NAME,
    PHONE,
    EMAIL,
    ADDRESS,
    REASON,
    UNIT,
    NURSE,
    NUMBER,
    SAME_NUMBER,
    "194608239986",
    "4608239986",
)
"""Nothing of this may be found outside the vault and the partner's own stream."""

OPERATOR = Actor(id="drift", role=Role.OPERATOR)
LINK_WORKER = Actor(id="maria", role=Role.LINK_WORKER, organisation="team-city")
NOTIFY = Actor(id="notify", role=Role.SERVICE)


def request(submission_id: str = "remiss-1", **changed: Any) -> dict[str, Any]:
    """The payload of a submission that is accepted."""
    data: dict[str, Any] = {
        "submission_id": submission_id,
        "person": {
            "identity_number": NUMBER,
            "name": NAME,
            "contact": {"phone": PHONE, "email": EMAIL, "postal_address": ADDRESS},
            "language": "sv",
        },
        "area": "norrkoping-city",
        "needs": ["company", "nature"],
        "consent": {"status": "given", "purposes": ["referral", "feedback_to_referrer"]},
        "referrer": {"unit": UNIT, "person": NURSE, "channel": "staff"},
        "reason": REASON,
        "requested_gender": "woman",
    }
    return data | changed


def letter(
    submission_id: str = "remiss-1",
    *,
    organisation: str = CLINIC,
    envelope: Mapping[str, Any] | None = None,
    **changed: Any,
) -> bytes:
    """A submission as bytes; `envelope` replaces attributes of it, `changed` fields of the payload."""
    document = {
        "specversion": "1.0",
        "id": f"e-{submission_id}",
        "source": f"/org/{organisation}",
        "type": "sluss.referral.requested.v1",
        "time": "2026-02-02T09:30:00+01:00",
        "datacontenttype": "application/json",
        "data": request(submission_id, **changed),
    }
    return json.dumps(document | dict(envelope or {}), ensure_ascii=False).encode()


def about(number: str | None, **person: Any) -> dict[str, Any]:
    """The person of a request."""
    return ({"identity_number": number} if number is not None else {}) | {"language": "sv"} | person
