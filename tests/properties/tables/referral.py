"""The referral service's tables on paper: the vault, who submitted what, how each person's referrals stand.

Its lookups open and seal what the vault keeps, so they are the real ones; what they read is answered here,
statement by statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.referral import erasing, standing
from services.referral.domain.referral import Referral, Status
from services.referral.store import kept, submitted
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import ReferralAccepted
from tests.properties.paper.tx import PaperTx

Rows = Sequence[dict[str, Any]]


def _rows(columns: dict[str, list[Any]]) -> Iterable[dict[str, Any]]:
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _table(tx: PaperTx, name: str) -> dict[Any, dict[str, Any]]:
    table: dict[Any, dict[str, Any]] = tx.desk.tables.setdefault(name, {})
    return table


def _referrals(tx: PaperTx) -> dict[str, Referral]:
    return tx.all("referral")


# --- submissions


def met_before(tx: PaperTx, **asked: list[Any]) -> Rows:
    found: list[dict[str, Any]] = []
    for row in _table(tx, "submission").values():
        for theirs in _rows(asked):
            if theirs["organisation"] != row["organisation"]:
                continue
            if theirs["digest"] == row["digest"]:
                found.append(row | {"taken": False})
            if theirs["submission_id"] == row["submission_id"] and row["referral_id"]:
                found.append(row | {"taken": True})
    return found


def keep_submissions(tx: PaperTx, **columns: list[Any]) -> None:
    for row in _rows(columns):
        _table(tx, "submission").setdefault((row["organisation"], row["digest"]), row)


def receipts(tx: PaperTx, *, receipt_ids: list[str]) -> Rows:
    return [
        {"key": each.said.key, "subject": each.said.subject, "body": each.said.body}
        for each in tx.desk.said(ReceiptIssued)
        if each.said.key in receipt_ids
    ]


# --- the vault


def settle_people(tx: PaperTx, **columns: list[Any]) -> Rows:
    people = _table(tx, "person")
    by_number = {row["identity"]: row for row in people.values() if row["identity"]}
    found = []
    for row in _rows(columns):
        known = by_number.get(row["identity"], row)
        found.append(people.setdefault(known["person"], known))
    return found


def identified(tx: PaperTx, *, identities: list[bytes]) -> Rows:
    return [row for row in _table(tx, "person").values() if row["identity"] in identities]


def keys_of(tx: PaperTx, *, persons: list[UUID]) -> Rows:
    return [row for row in _table(tx, "person").values() if row["person"] in persons]


def key_of(tx: PaperTx, *, person: UUID | None) -> Rows:
    return [{"wrapped": row["wrapped"]} for row in _table(tx, "person").values() if row["person"] == person]


def keep_secrets(tx: PaperTx, **columns: list[Any]) -> None:
    for row in _rows(columns):
        _table(tx, "secret").setdefault(row["ref"], row)


def secrets_of(tx: PaperTx, *, referral_ids: list[str], kinds: list[str]) -> Rows:
    people = _table(tx, "person")
    return [
        row | {"wrapped": people[row["person"]]["wrapped"]}
        for row in _table(tx, "secret").values()
        if row["referral_id"] in referral_ids and row["kind"] in kinds and row["person"] in people
    ]


def person_secrets(tx: PaperTx, *, person: UUID, kind: str) -> Rows:
    people = _table(tx, "person")
    return [
        row | {"wrapped": people[person]["wrapped"]}
        for row in _table(tx, "secret").values()
        if row["person"] == person and row["kind"] == kind and person in people
    ]


def latest_of(tx: PaperTx, *, persons: list[UUID], kind: str) -> Rows:
    latest = {
        person: max(rows, key=lambda row: str(row["ref"]))
        for person in persons
        if (rows := person_secrets(tx, person=person, kind=kind))
    }
    return list(latest.values())


def reseal(tx: PaperTx, **columns: list[Any]) -> None:
    for row in _rows(columns):
        _table(tx, "secret")[row["ref"]] = _table(tx, "secret")[row["ref"]] | row


def forget_persons(tx: PaperTx, *, persons: list[UUID]) -> None:
    for person in persons:
        _table(tx, "person").pop(person, None)


def forget_secrets(tx: PaperTx, *, persons: list[UUID]) -> None:
    secrets = _table(tx, "secret")
    for ref in [ref for ref, row in secrets.items() if row["person"] in persons]:
        del secrets[ref]


def to_be_erased(tx: PaperTx, *, persons: list[str]) -> Rows:
    return [
        {"id": id}
        for id, person in tx.all("person").items()
        if id in persons and person.status.value == "to_be_erased"
    ]


def sent_on(tx: PaperTx, *, persons: list[UUID]) -> Rows:
    return []  # blanked where it lies, which no decision sees


# --- how a person's referrals stand


def people_locked(tx: PaperTx, *, persons: list[UUID]) -> Rows:
    return [{"person": person} for person in persons if person in _table(tx, "person")]


def open_referrals(tx: PaperTx, *, persons: list[UUID]) -> Rows:
    return [
        {"person": UUID(each.person), "referral_id": each.referral_id}
        for each in _referrals(tx).values()
        if each.status is Status.OPEN and UUID(each.person) in persons
    ]


def whose(tx: PaperTx, *, referral_id: str) -> Rows:
    known = _referrals(tx).get(referral_id)
    return [{"person": UUID(known.person)}] if known else []


def of_person(tx: PaperTx, *, person: UUID) -> Rows:
    over = _table(tx, "case_over")
    begun = {entry.said.key for entry in tx.desk.said(ReferralAccepted)}
    return [
        {
            "referral_id": each.referral_id,
            "status": each.status.value,
            "case_open": each.referral_id in begun and each.referral_id not in over,
        }
        for each in _referrals(tx).values()
        if UUID(each.person) == person
    ]


def duplicates_of(tx: PaperTx, *, referral_id: str) -> Rows:
    return [
        {"referral_id": each.referral_id}
        for each in sorted(_referrals(tx).values(), key=lambda each: each.referral_id)
        if each.linked_to == referral_id and each.status is Status.LINKED
    ]


def states(tx: PaperTx, *, referral_ids: list[str]) -> Rows:
    return [
        {"id": id, "state": each.model_dump(mode="json")}
        for id, each in _referrals(tx).items()
        if id in referral_ids
    ]


def cases_over(tx: PaperTx, *, referral_ids: list[str]) -> Rows:
    for referral_id in referral_ids:
        _table(tx, "case_over")[referral_id] = {}
    known = _referrals(tx)
    return [{"person": UUID(known[id].person)} for id in referral_ids if id in known]


def share(tx: PaperTx, **columns: list[Any]) -> None:
    for row in _rows(columns):
        _table(tx, "shared")[row["referral_id"], row["receiver"]] = row


def shared_with(tx: PaperTx, *, referral_ids: list[str]) -> Rows:
    return [row for row in _table(tx, "shared").values() if row["referral_id"] in referral_ids]


def organisation_named(tx: PaperTx, *, organisation: str) -> Rows:
    known = tx.all("organisation").get(organisation)
    return [{"state": known.model_dump(mode="json")}] if known else []


LOOKUPS = ()
REAL = (
    "persons_open_referral",
    "told_already",
    "taken_back",
    "destination",
    "keep_words",
    "change_contact",
    "whose_work",
    "works_of",
)
READS: dict[str, Any] = {
    submitted.MET_BEFORE.text: met_before,
    submitted.RECEIPTS.text: receipts,
    kept.SETTLE_PEOPLE.text: settle_people,
    kept.IDENTIFIED.text: identified,
    kept.KEYS_OF.text: keys_of,
    kept.KEY_OF.text: key_of,
    kept.SECRETS_OF.text: secrets_of,
    kept.PERSON_SECRETS.text: person_secrets,
    kept.LATEST_OF.text: latest_of,
    submitted.STANDING.text: states,
    submitted.ORGANISATION_NAMED.text: organisation_named,
    standing._LOCK.text: people_locked,
    standing._OPEN.text: open_referrals,
    standing._WHOSE.text: whose,
    standing._OF.text: of_person,
    standing._LINKED.text: duplicates_of,
    standing._LOCK_STATES.text: states,
    standing._CASE_OVER.text: cases_over,
    standing._SHARED_WITH.text: shared_with,
    erasing._TO_BE_ERASED.text: to_be_erased,
    erasing._SENT_ON.text: sent_on,
}
WRITES: dict[str, Any] = {
    submitted.KEEP_SUBMISSIONS.text: keep_submissions,
    kept.KEEP_SECRETS.text: keep_secrets,
    kept.RESEAL.text: reseal,
    kept.FORGET_PERSONS.text: forget_persons,
    kept.FORGET_SECRETS.text: forget_secrets,
    standing._SHARE.text: share,
}
LEFT_OUT = ()
