"""Whether the bytes a partner sent are a referral request, and if not, exactly where.

The checks run in a fixed order and the first that fails names the receipt's code. Nothing here ever repeats
a value, nor a field's name that is not the contract's own: both may be personal data, and a refusal is an
event that others read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from services.referral.domain.faults import place, told
from sluss_contracts.command import Fault
from sluss_contracts.submission import MAX_DEPTH, MAX_SUBMISSION, RefusedBecause, Submission, TakingBack
from sluss_contracts.vocabulary import ConsentPurpose, ConsentStatus

REQUESTED = "sluss.referral.requested"
TAKEN_BACK = "sluss.referral.taken_back"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,119}")
_VERSION = re.compile(rf"(?:{re.escape(REQUESTED)}|{re.escape(TAKEN_BACK)})\.v\d{{1,9}}")

_NO_NUL = "Send text without the character U+0000."

ReadIdentity = Callable[[str], str | None]
"""The twelve digits of a Swedish identity number however it is written, None for anything else."""


@dataclass(frozen=True, slots=True)
class WellFormed:
    """A submission that keeps the contract."""

    submission: Submission
    identity: str | None
    """The person's identity number in twelve digits, if one was given."""

    @property
    def submission_id(self) -> str:
        return self.submission.data.submission_id


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A message that takes a referral back, and keeps the contract."""

    sent: TakingBack

    @property
    def submission_id(self) -> str:
        return self.sent.data.submission_id


@dataclass(frozen=True, slots=True)
class Faulty:
    """A submission that does not, with all that a receipt says of it."""

    code: RefusedBecause
    faults: tuple[Fault, ...] = ()
    submission_id: str | None = None
    """The partner's own id, when it could be read and tells nothing of a person."""


def examine(raw: bytes, organisation: str, read_identity: ReadIdentity) -> WellFormed | TakenBack | Faulty:
    """Judge the bytes that arrived on one organisation's own stream. Raises nothing, whatever they are."""
    if len(raw) > MAX_SUBMISSION:
        return _whole(RefusedBecause.TOO_LARGE, f"Send at most {MAX_SUBMISSION} bytes.")
    if b"\0" in raw:
        return _whole(RefusedBecause.NUL_BYTE, _NO_NUL)
    try:
        submission = Submission.model_validate_json(raw)
    except ValidationError as invalid:
        return _what_is_wrong(raw, organisation, invalid, read_identity)
    if b"\\u0000" in raw and (where := _place_of_nul(from_json(raw))) is not None:
        faults = (fault(where, RefusedBecause.NUL_BYTE, _NO_NUL),)
        return Faulty(RefusedBecause.NUL_BYTE, faults, own_id(submission.data.submission_id, read_identity))
    if submission.source != f"/org/{organisation}":
        theirs = own_id(submission.data.submission_id, read_identity)
        return Faulty(RefusedBecause.FOREIGN_SOURCE, (_foreign(organisation),), theirs)
    return _against_the_rules(submission, read_identity)


def _what_is_wrong(
    raw: bytes, organisation: str, invalid: ValidationError, read_identity: ReadIdentity
) -> TakenBack | Faulty:
    """Why it is no request, from the outside in: JSON, envelope, type, source, payload; it may be one taken
    back."""
    try:
        document = from_json(raw, allow_inf_nan=False)
    except ValueError as broken:
        if "recursion limit" in str(broken):
            return _too_deep()
        return _whole(RefusedBecause.NOT_JSON, "Send one JSON document in UTF-8.")
    if _depth(document) > MAX_DEPTH:
        return _too_deep()
    if not isinstance(document, dict):
        return _whole(
            RefusedBecause.NOT_A_CLOUDEVENT, "Send a JSON object with the attributes of CloudEvents 1.0."
        )
    data = document.get("data")
    theirs = own_id(data.get("submission_id") if isinstance(data, dict) else None, read_identity)
    if (where := _place_of_nul(document)) is not None:
        faults = (fault(where, RefusedBecause.NUL_BYTE, _NO_NUL),)
        return Faulty(RefusedBecause.NUL_BYTE, faults, theirs)
    if document.get("type") == f"{TAKEN_BACK}.v1":
        try:
            return _taken_back(TakingBack.model_validate_json(raw), organisation, read_identity)
        except ValidationError as faults_of_that:
            invalid = faults_of_that
    all_faults = told(invalid)
    if envelope := tuple(f for f in all_faults if not f.path.startswith(("/data", "/type"))):
        return Faulty(RefusedBecause.NOT_A_CLOUDEVENT, envelope, theirs)
    if code := _unknown(document.get("type")):
        remedy = f"Set `type` to {REQUESTED}.v1 (or {TAKEN_BACK}.v1)."
        return Faulty(code, (fault("/type", code, remedy),), theirs)
    if document.get("source") != f"/org/{organisation}":
        return Faulty(RefusedBecause.FOREIGN_SOURCE, (_foreign(organisation),), theirs)
    if all(_says_nothing_of_consent(found) for found in all_faults):
        return Faulty(RefusedBecause.MISSING_CONSENT, all_faults, theirs)
    return Faulty(RefusedBecause.INVALID, all_faults, theirs)


def _taken_back(sent: TakingBack, organisation: str, read_identity: ReadIdentity) -> TakenBack | Faulty:
    theirs = own_id(sent.data.submission_id, read_identity)
    if sent.source != f"/org/{organisation}":
        return Faulty(RefusedBecause.FOREIGN_SOURCE, (_foreign(organisation),), theirs)
    named = {"submission_id": sent.data.submission_id, "referral_id": sent.data.referral_id}
    if faults := _numbers_in({f"/data/{name}": text for name, text in named.items()}, read_identity):
        return Faulty(RefusedBecause.INVALID, faults, theirs)
    return TakenBack(sent)


def _numbers_in(coded: dict[str, str], read_identity: ReadIdentity) -> tuple[Fault, ...]:
    remedy = "Use a code or an id that cannot be read as an identity number."
    return tuple(
        fault(path, "identity_number_in_id", remedy) for path, text in coded.items() if read_identity(text)
    )


def _against_the_rules(submission: Submission, read_identity: ReadIdentity) -> WellFormed | Faulty:
    """What the schema cannot say: identity numbers, and what consent must at least cover."""
    request = submission.data
    theirs = own_id(request.submission_id, read_identity)
    coded: dict[str, str] = {
        "/data/submission_id": request.submission_id,
        "/data/area": request.area,
        "/data/pathway": request.pathway,
        **{f"/data/consent/receivers/{n}": name for n, name in enumerate(request.consent.receivers)},
    }
    if request.replaces is not None:
        coded["/data/replaces"] = request.replaces
    if faults := _numbers_in(coded, read_identity):
        return Faulty(RefusedBecause.INVALID, faults, theirs)
    identity = None
    if (number := request.person.identity_number) is not None:
        identity = read_identity(number)
        if identity is None:
            code = RefusedBecause.INVALID_IDENTITY_NUMBER
            remedy = "Send a valid personnummer or samordningsnummer, or leave the field out."
            return Faulty(code, (fault("/data/person/identity_number", code, remedy),), theirs)
    consent = request.consent
    if consent.status is ConsentStatus.GIVEN and ConsentPurpose.REFERRAL not in consent.purposes:
        code = RefusedBecause.MISSING_CONSENT
        remedy = "Add `referral` if the person has agreed to it; otherwise send the status `to_be_asked`."
        return Faulty(code, (fault("/data/consent/purposes", code, remedy),), theirs)
    return WellFormed(submission, identity)


def _unknown(type_: Any) -> RefusedBecause | None:
    if type_ in (f"{REQUESTED}.v1", f"{TAKEN_BACK}.v1"):
        return None
    known_but_for_its_version = isinstance(type_, str) and _VERSION.fullmatch(type_)
    return RefusedBecause.UNKNOWN_VERSION if known_but_for_its_version else RefusedBecause.UNKNOWN_TYPE


def _says_nothing_of_consent(found: Fault) -> bool:
    within = found.path.startswith("/data/consent/") and found.code == "missing"
    return within or found.path == "/data/consent"


def own_id(text: Any, read_identity: ReadIdentity) -> str | None:
    if isinstance(text, str) and _KEY.fullmatch(text) and not read_identity(text):
        return text
    return None


def _depth(document: Any) -> int:
    """How many objects and lists are within each other at the deepest place; 0 for a plain value."""
    depth, level = 0, _nests([document])
    while level:
        depth += 1
        level = [
            inner for nest in level for inner in _nests(nest.values() if isinstance(nest, dict) else nest)
        ]
    return depth


def _nests(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]


def _place_of_nul(document: Any) -> str | None:
    """Where the first string with U+0000 is, field names included; None when there is none."""
    waiting: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())]
    while waiting:
        value, steps = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            return place(steps)
        if isinstance(value, dict):
            if any("\0" in name for name in value):
                return place(steps)
            waiting += [(inner, (*steps, name)) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, (*steps, n)) for n, inner in enumerate(value)]
    return None


def _foreign(organisation: str) -> Fault:
    return fault("/source", RefusedBecause.FOREIGN_SOURCE, f"Set `source` to /org/{organisation}.")


def _too_deep() -> Faulty:
    return _whole(RefusedBecause.TOO_DEEP, f"Nest at most {MAX_DEPTH} levels; the contract needs five.")


def _whole(code: RefusedBecause, remedy: str) -> Faulty:
    return Faulty(code, (fault("", code, remedy),))


def fault(path: str, code: str, remedy: str) -> Fault:
    return Fault(path=path, code=str(code), remedy=remedy)
