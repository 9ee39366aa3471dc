"""What is a referral request, and what the sender is told when it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.referral.domain.submission import Faulty, TakenBack, WellFormed, examine
from services.referral.vault.identity import read_identity
from sluss_contracts.submission import MAX_SUBMISSION, RefusedBecause
from tests.referral.requests import (
    ANOTHER_NUMBER,
    CANARIES,
    CLINIC,
    INVALID_NUMBERS,
    NAME,
    NUMBER,
    VALID_NUMBERS,
    about,
    letter,
    request,
)


def judged(raw: bytes) -> WellFormed | TakenBack | Faulty:
    return examine(raw, CLINIC, read_identity)


def refused(raw: bytes) -> Faulty:
    verdict = judged(raw)
    assert isinstance(verdict, Faulty)
    return verdict


def test_a_complete_request_is_well_formed_and_its_identity_number_is_read() -> None:
    verdict = judged(letter())
    assert isinstance(verdict, WellFormed)
    assert (verdict.submission_id, verdict.identity) == ("remiss-1", "194608239986")


def test_the_least_request_names_area_need_consent_and_referrer() -> None:
    least = {name: request()[name] for name in ("submission_id", "area", "needs", "consent", "referrer")}
    raw = letter(envelope={"data": {**least, "person": {}}})
    assert isinstance(judged(raw), WellFormed)


def test_attributes_that_cloudevents_lets_others_add_are_no_fault() -> None:
    assert isinstance(
        judged(letter(envelope={"traceparent": "00-ab-cd-01", "partner": {"any": 1}})), WellFormed
    )


@pytest.mark.parametrize("number", VALID_NUMBERS)
def test_every_way_to_write_a_valid_identity_number_is_taken(number: str) -> None:
    assert isinstance(judged(letter(person=about(number))), WellFormed)


@pytest.mark.parametrize("number", [*INVALID_NUMBERS, "0", "19460823-998٦", "19460823--9986", "ABCDEF-1234"])
def test_an_invalid_identity_number_is_named_by_place_and_never_repeated(number: str) -> None:
    verdict = refused(letter(person=about(number)))
    assert verdict.code is RefusedBecause.INVALID_IDENTITY_NUMBER
    assert [fault.path for fault in verdict.faults] == ["/data/person/identity_number"]
    assert number not in str(verdict) or number == "0"


ENVELOPES: list[tuple[dict[str, Any], RefusedBecause, str]] = [
    ({"specversion": "0.3"}, RefusedBecause.NOT_A_CLOUDEVENT, "/specversion"),
    ({"id": ""}, RefusedBecause.NOT_A_CLOUDEVENT, "/id"),
    ({"id": 7}, RefusedBecause.NOT_A_CLOUDEVENT, "/id"),
    ({"time": "yesterday"}, RefusedBecause.NOT_A_CLOUDEVENT, "/time"),
    ({"time": "2026-02-02T09:30:00"}, RefusedBecause.NOT_A_CLOUDEVENT, "/time"),
    ({"type": "sluss.case.closed.v1"}, RefusedBecause.UNKNOWN_TYPE, "/type"),
    ({"type": ["sluss.referral.requested.v1"]}, RefusedBecause.UNKNOWN_TYPE, "/type"),
    ({"type": "sluss.referral.requested.v2"}, RefusedBecause.UNKNOWN_VERSION, "/type"),
    ({"source": "/org/centralskolan"}, RefusedBecause.FOREIGN_SOURCE, "/source"),
    ({"source": "/org/vardcentralen-city/"}, RefusedBecause.FOREIGN_SOURCE, "/source"),
    ({"data": None}, RefusedBecause.INVALID, "/data"),
    ({"data": "text"}, RefusedBecause.INVALID, "/data"),
]


@pytest.mark.parametrize(("envelope", "code", "path"), ENVELOPES)
def test_a_wrong_envelope_is_refused_before_its_payload_is_looked_at(
    envelope: dict[str, Any], code: RefusedBecause, path: str
) -> None:
    verdict = refused(letter(envelope=envelope))
    assert (verdict.code, [fault.path for fault in verdict.faults]) == (code, [path])


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"needs": []}, "/data/needs", "too_short"),
    ({"needs": "company"}, "/data/needs", "wrong_type"),
    ({"needs": ["wealth"]}, "/data/needs/0", "unknown_word"),
    ({"area": "Norrköping City"}, "/data/area", "wrong_format"),
    ({"area": 7}, "/data/area", "wrong_type"),
    ({"submission_id": "two words"}, "/data/submission_id", "wrong_format"),
    ({"person": about(None, language="svenska")}, "/data/person/language", "wrong_format"),
    ({"person": about(None, name="x" * 201)}, "/data/person/name", "too_long"),
    ({"person": about(None, contact={"phone": 70})}, "/data/person/contact/phone", "wrong_type"),
    ({"referrer": {}}, "/data/referrer/unit", "missing"),
    ({"reason": "  "}, "/data/reason", "too_short"),
    ({"requested_gender": "any"}, "/data/requested_gender", "unknown_word"),
    ({"consent": {"status": "perhaps"}}, "/data/consent/status", "unknown_word"),
]


@pytest.mark.parametrize(("changed", "path", "code"), FIELDS)
def test_a_wrong_field_is_named_by_place_code_and_remedy(
    changed: dict[str, Any], path: str, code: str
) -> None:
    document = letter(envelope={"data": request() | changed})
    verdict = refused(document)
    assert verdict.code is RefusedBecause.INVALID
    assert [(fault.path, fault.code) for fault in verdict.faults] == [(path, code)]
    assert all(fault.remedy for fault in verdict.faults)


def test_all_faults_are_told_at_once() -> None:
    verdict = refused(letter(area="?", needs=["wealth", "company"], referrer={}))
    assert [fault.path for fault in verdict.faults] == ["/data/area", "/data/needs/0", "/data/referrer/unit"]


def test_a_misspelt_field_is_told_by_its_object_and_the_name_that_was_meant() -> None:
    verdict = refused(letter(requested_gendr="man"))
    assert [(fault.path, fault.code) for fault in verdict.faults] == [("/data", "unknown_field")]
    assert "requested_gender" in verdict.faults[0].remedy


def test_a_field_named_like_a_person_is_not_repeated() -> None:
    verdict = refused(letter(envelope={"data": request() | {NAME: 1, "Kanariefågel": {"a": 1}, NUMBER: 2}}))
    assert {fault.path for fault in verdict.faults} == {"/data"}
    assert not any(canary in str(verdict) for canary in CANARIES)


@pytest.mark.parametrize(
    ("consent", "path"),
    [
        (None, "/data/consent"),
        ({}, "/data/consent/status"),
        ({"status": "given", "purposes": []}, "/data/consent/purposes"),
        ({"status": "given", "purposes": ["feedback_to_referrer"]}, "/data/consent/purposes"),
    ],
)
def test_without_a_word_about_consent_to_being_referred_there_is_no_referral(
    consent: dict[str, Any] | None, path: str
) -> None:
    verdict = refused(letter(consent=consent))
    assert (verdict.code, [fault.path for fault in verdict.faults]) == (
        RefusedBecause.MISSING_CONSENT,
        [path],
    )


def test_consent_left_out_altogether_is_missing_consent() -> None:
    data = request()
    del data["consent"]
    assert refused(letter(envelope={"data": data})).code is RefusedBecause.MISSING_CONSENT


def test_consent_to_be_asked_needs_no_purposes() -> None:
    assert isinstance(judged(letter(consent={"status": "to_be_asked"})), WellFormed)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", RefusedBecause.NOT_JSON),
        (b"\xff\xfe{}", RefusedBecause.NOT_JSON),
        (b'{"specversion": "1.0"', RefusedBecause.NOT_JSON),
        (b'"\\ud800"', RefusedBecause.NOT_JSON),
        (b"NaN", RefusedBecause.NOT_JSON),
        (b"9" * 5000, RefusedBecause.NOT_JSON),
        (b"[]", RefusedBecause.NOT_A_CLOUDEVENT),
        (b"null", RefusedBecause.NOT_A_CLOUDEVENT),
        (b"{}", RefusedBecause.NOT_A_CLOUDEVENT),
        (b"[" * 30_000, RefusedBecause.TOO_DEEP),
        (b"[" * 13 + b"]" * 13, RefusedBecause.TOO_DEEP),
        (b'{"a":' * 150 + b"1" + b"}" * 150, RefusedBecause.TOO_DEEP),
        (letter() + b"\0", RefusedBecause.NUL_BYTE),
        (letter().replace(b"Kanarie", b"\\u0000"), RefusedBecause.NUL_BYTE),
        (letter().replace(b'"area"', b'"ar\\u0000ea"'), RefusedBecause.NUL_BYTE),
        (b" " * (MAX_SUBMISSION + 1), RefusedBecause.TOO_LARGE),
        (b"x" * 8_000_000, RefusedBecause.TOO_LARGE),
    ],
    ids=lambda value: value.value if isinstance(value, RefusedBecause) else f"{value[:12]!r}",
)
def test_what_is_no_submission_at_all_is_refused_with_a_code(raw: bytes, code: RefusedBecause) -> None:
    assert refused(raw).code is code


def test_a_backslash_before_the_letters_u0000_is_just_text() -> None:
    assert isinstance(judged(letter(reason="C:\\u0000")), WellFormed)


def test_the_largest_submission_allowed_is_read() -> None:
    raw = letter()
    assert isinstance(judged(raw + b" " * (MAX_SUBMISSION - len(raw))), WellFormed)


def test_a_refusal_names_the_partners_own_id_so_that_it_finds_the_submission() -> None:
    assert refused(letter("remiss-7", needs=[])).submission_id == "remiss-7"
    assert refused(letter("remiss-7", envelope={"source": "/org/x"})).submission_id == "remiss-7"


@pytest.mark.parametrize("field", ["submission_id", "area", "pathway"])
def test_an_identity_number_used_as_a_code_is_refused_and_not_repeated(field: str) -> None:
    number = "195704289999"
    verdict = refused(letter(envelope={"data": request() | {field: number}}))
    assert [(fault.path, fault.code) for fault in verdict.faults] == [
        (f"/data/{field}", "identity_number_in_id")
    ]
    assert number not in str(verdict)


def test_an_id_that_is_an_identity_number_is_not_repeated_when_something_else_is_wrong() -> None:
    assert refused(letter(ANOTHER_NUMBER, needs=[])).submission_id is None


def back(**changed: Any) -> bytes:
    """A referral taken back; fields of its payload or, by `envelope`, attributes changed."""
    envelope = {"type": "sluss.referral.taken_back.v1"} | changed.pop("envelope", {})
    data = {"submission_id": "back-1", "referral_id": "0197-referral", "why": "person_asked"} | changed
    return letter(envelope=envelope | {"data": data})


def test_a_referral_is_taken_back_by_its_id_and_a_code() -> None:
    verdict = judged(back(entered_in_error=True))
    assert isinstance(verdict, TakenBack)
    assert (verdict.submission_id, verdict.sent.data.entered_in_error) == ("back-1", True)


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        (back(referral_id=None), RefusedBecause.INVALID, "/data/referral_id"),
        (back(why="För att hon dog"), RefusedBecause.INVALID, "/data/why"),
        (back(reson="x"), RefusedBecause.INVALID, "/data"),
        (back(envelope={"source": "/org/centralskolan"}), RefusedBecause.FOREIGN_SOURCE, "/source"),
        (back(envelope={"type": "sluss.referral.taken_back.v2"}), RefusedBecause.UNKNOWN_VERSION, "/type"),
        (back(referral_id="195704289999"), RefusedBecause.INVALID, "/data/referral_id"),
        (back(submission_id="195704289999"), RefusedBecause.INVALID, "/data/submission_id"),
    ],
)
def test_one_that_is_wrongly_taken_back_is_told_where(raw: bytes, code: RefusedBecause, path: str) -> None:
    verdict = refused(raw)
    assert (verdict.code, [fault.path for fault in verdict.faults]) == (code, [path])
    assert "195704289999" not in str(verdict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PATHS = st.sampled_from(
    [
        ("specversion",), ("id",), ("source",), ("type",), ("time",), ("data",),
        ("data", "submission_id"), ("data", "person"), ("data", "person", "identity_number"),
        ("data", "person", "contact"), ("data", "person", "contact", "phone"), ("data", "area"),
        ("data", "needs"), ("data", "consent"), ("data", "consent", "receivers"), ("data", "referrer"),
        ("data", "pathway"), ("data", "surprise"),
    ]
)  # fmt: skip


def _answered(raw: bytes) -> None:
    verdict = judged(raw)
    if isinstance(verdict, Faulty):
        assert verdict.code in RefusedBecause
        assert all(fault.code and fault.remedy and fault.path[:1] in ("", "/") for fault in verdict.faults)


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf{}")
@example(b'{"a":1}{"b":2}')
def test_whatever_bytes_arrive_there_is_an_answer(raw: bytes) -> None:
    _answered(raw)


@given(JSON)
def test_whatever_json_arrives_there_is_an_answer(document: Any) -> None:
    _answered(json.dumps(document).encode())


@given(st.lists(st.tuples(PATHS, JSON), min_size=1, max_size=3))
def test_whatever_stands_in_a_field_there_is_an_answer(changes: list[tuple[tuple[str, ...], Any]]) -> None:
    document = json.loads(letter())
    for path, value in changes:
        place = document
        for step in path[:-1]:
            inner = place.get(step)
            place = inner if isinstance(inner, dict) else {}
        place[path[-1]] = value
    _answered(json.dumps(document).encode())


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=6))
def test_a_submission_damaged_on_the_way_gets_an_answer(at: int, noise: bytes) -> None:
    raw = letter()
    at %= len(raw)
    _answered(raw[:at] + noise + raw[at + len(noise) :])
