"""Taking in a batch of submissions: every one gets its receipt, in one transaction with all that follows.

The same bytes again give the same receipt again; a referral's submission id with other bytes is refused; what
was refused may be sent again, mended, under the same id. Refusals that hang on the network and not on the
bytes (an organisation not registered yet) are judged anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from services.referral.acute import is_acute
from services.referral.domain.receipts import refuse
from services.referral.domain.submission import Faulty, TakenBack, WellFormed, examine, fault, own_id
from services.referral.filing import Before, ToFile, came_before, file_submissions
from services.referral.registry import ORGANISATION
from services.referral.store.submitted import KEEP_REFUSED, KEEP_SUBMISSIONS, MET_BEFORE, RECEIPTS
from services.referral.taking_back import ToTakeBack, take_back
from services.referral.vault.identity import read_identity
from services.referral.vault.safe import Vault
from services.runtime import tracing
from services.runtime.engine.ids import new_id
from services.runtime.engine.unit import Unit
from services.runtime.pathways import Pathways, known_pathways
from sluss_contracts.submission import MAX_SUBMISSION, RefusedBecause

_OF_THE_MOMENT = {
    RefusedBecause.UNKNOWN_ORGANISATION,
    RefusedBecause.ORGANISATION_REVOKED,
    RefusedBecause.UNREADABLE,
    RefusedBecause.UNKNOWN_PATHWAY,
    RefusedBecause.CHANNEL_NOT_OPEN,
    RefusedBecause.REPLACES_OPEN,
    RefusedBecause.UNKNOWN_REFERRAL,
}
"""Refusals that the same bytes need not meet again."""
_UNREADABLE = Faulty(
    RefusedBecause.UNREADABLE,
    (fault("", RefusedBecause.UNREADABLE, "Nothing you can mend; the network's operators have been told."),),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes on one organisation's own stream; the server has vouched for the organisation."""

    organisation: str
    raw: bytes
    on_page: bool = False
    """It comes from one of our own pages, in the name of the organisation whose visitor wrote it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it was issued: to be published once more, byte for byte."""

    organisation: str
    subject: str
    body: bytes


@dataclass(slots=True)
class _Letter:
    """One arrival on its way through."""

    arrival: Arrival
    digest: bytes
    verdict: WellFormed | TakenBack | Faulty
    receipt_id: str

    @property
    def name(self) -> tuple[str, bytes]:
        return self.arrival.organisation, self.digest

    @property
    def submission_id(self) -> str | None:
        return self.verdict.submission_id

    @property
    def referral_id(self) -> str | None:
        """The receipt's id, if a referral came of it."""
        return self.receipt_id if isinstance(self.verdict, WellFormed) else None


async def take_in(
    unit: Unit, arrivals: Sequence[Arrival], vault: Vault, *, unreadable: bool = False
) -> list[Receipt]:
    """Answer every arrival. Returns receipts issued before, for what has come again.

    `unreadable` gives up on reading: each is refused as such and its bytes are kept.
    """
    letters: dict[tuple[str, bytes], _Letter] = {}
    for arrival in arrivals:
        digest = vault.identity.of_content(arrival.raw)
        if (name := (arrival.organisation, digest)) not in letters:
            verdict = _UNREADABLE if unreadable else examine(arrival.raw, arrival.organisation, read_identity)
            letters[name] = _Letter(arrival, digest, verdict, new_id())
    # Locks the organisations: replicas take turns with each one's submissions, and none is judged twice.
    await unit.load(arrival.organisation for arrival in arrivals)
    answered, taken = await _met_before(unit, letters.values())
    fresh = [letter for name, letter in letters.items() if name not in answered]
    pathways = await known_pathways(unit.tx)
    asked = [letter.verdict for letter in fresh if isinstance(letter.verdict, WellFormed)]
    before = await came_before(unit.tx, asked, vault)
    for letter in fresh:
        letter.verdict = _among_others(unit, letter, taken, pathways, before)
    backs = [(letter, letter.verdict) for letter in fresh if isinstance(letter.verdict, TakenBack)]
    for letter, wish in backs:
        await _take_back(unit, letter, wish, vault)
    if backs:
        await unit.finish()  # what was open a moment ago is not what the others are duplicates of
    await file_submissions(unit, _to_file(fresh, before), vault, pathways)
    await _refuse(unit, [letter for letter in fresh if isinstance(letter.verdict, Faulty)], vault)
    await _remember(unit, fresh)
    if not answered:
        return []
    askers = {receipt_id: organisation for (organisation, _), receipt_id in answered.items()}
    rows = await unit.tx.fetch(RECEIPTS, receipt_ids=sorted(askers))
    return [Receipt(askers[row["key"]], row["subject"], row["body"]) for row in rows]


async def _met_before(
    unit: Unit, letters: Iterable[_Letter]
) -> tuple[dict[tuple[str, bytes], str], set[tuple[str, str]]]:
    """Receipts by bytes that came before, and the submission ids that referrals have taken."""
    rows = await unit.tx.fetch(
        MET_BEFORE,
        organisation=[letter.arrival.organisation for letter in letters],
        digest=[letter.digest for letter in letters],
        submission_id=[letter.submission_id for letter in letters],
    )
    answered = {(r["organisation"], r["digest"]): r["receipt_id"] for r in rows if not r["taken"]}
    return answered, {(r["organisation"], r["submission_id"]) for r in rows if r["taken"]}


def _among_others(
    unit: Unit, letter: _Letter, taken: set[tuple[str, str]], pathways: Pathways, before: Before
) -> WellFormed | TakenBack | Faulty:
    """The verdict in view of who sends it and what was sent before; a good one takes its id."""
    verdict = letter.verdict
    if isinstance(verdict, Faulty):
        return verdict
    name = letter.arrival.organisation
    organisation = unit.held(name).get(ORGANISATION, name)
    if organisation is None:
        remedy = "Ask the network's operators to register the organisation, then send the same again."
        return _refusal(verdict, RefusedBecause.UNKNOWN_ORGANISATION, "", remedy)
    if organisation.revoked:
        remedy = "The organisation may no longer refer; ask the network's operators."
        return _refusal(verdict, RefusedBecause.ORGANISATION_REVOKED, "", remedy)
    if isinstance(verdict, TakenBack):
        return verdict
    if (name, verdict.submission_id) in taken:
        remedy = "Use a new submission_id; to get the first receipt again, send the very same bytes."
        return _refusal(verdict, RefusedBecause.ID_REUSED, "/data/submission_id", remedy)
    request = verdict.submission.data
    version = pathways.latest(request.pathway)
    if version is None:
        remedy = "Name a pathway that is published, or leave the field out."
        return _refusal(verdict, RefusedBecause.UNKNOWN_PATHWAY, "/data/pathway", remedy)
    if request.referrer.channel not in (channels := pathways.of(request.pathway, version).entry.channels):
        remedy = f"This pathway takes referrals by {', '.join(channels)}; use another pathway or channel."
        return _refusal(verdict, RefusedBecause.CHANNEL_NOT_OPEN, "/data/referrer/channel", remedy)
    if code := before.why_not(verdict, name):
        return _refusal(verdict, code, "/data/replaces", _REPLACING[code])
    taken.add((name, verdict.submission_id))
    return verdict


_REPLACING = {
    RefusedBecause.REPLACES_UNKNOWN: "Name a referral of the same person, by the id its receipt gave.",
    RefusedBecause.REPLACES_OPEN: "That one is not over; take it back first, or wait for its end.",
}


def _to_file(letters: Sequence[_Letter], before: Before) -> list[ToFile]:
    return [
        ToFile(
            letter.receipt_id,
            letter.arrival.organisation,
            letter.digest,
            letter.verdict,
            before.same_as(letter.verdict),
            letter.arrival.on_page,
        )
        for letter in letters
        if isinstance(letter.verdict, WellFormed)
    ]


async def _take_back(unit: Unit, letter: _Letter, wish: TakenBack, vault: Vault) -> None:
    """What a rule refuses becomes a refusal like any."""
    to_take_back = ToTakeBack(letter.receipt_id, letter.arrival.organisation, letter.digest, wish)
    if code := await take_back(unit, to_take_back, vault):
        remedy = "Name a referral of your own that is not over, by the id its receipt gave."
        letter.verdict = _refusal(wish, code, "/data/referral_id", remedy)


async def _refuse(unit: Unit, letters: Sequence[_Letter], vault: Vault) -> None:
    """Receipts with codes; the bytes are kept, sealed, so that somebody can help the sender."""
    if not letters:
        return
    rows = []
    for letter in letters:
        verdict, raw = letter.verdict, letter.arrival.raw
        assert isinstance(verdict, Faulty)
        facts = refuse(
            receipt_id=letter.receipt_id,
            organisation=letter.arrival.organisation,
            submission_id=verdict.submission_id,
            code=verdict.code,
            faults=verdict.faults,
            now=unit.tx.now,
            acute=_speaks_of_acute_risk(raw[:MAX_SUBMISSION]),
        )
        unit.admit([letter.receipt_id], [])
        with tracing.arrival("submission"):
            unit.say(facts, cause=letter.digest.hex())
        key, wrapped = vault.master.new_key(place := f"refused/{letter.receipt_id}")
        # Of an oversized one the beginning is enough to help, and nobody can fill the disk.
        sealed = key.seal(raw[:MAX_SUBMISSION], belongs_to=place)
        rows.append((*letter.name, letter.receipt_id, len(raw), wrapped, sealed))
    names = ("organisation", "digest", "receipt_id", "size", "wrapped", "sealed")
    await unit.tx.execute(KEEP_REFUSED, **_columns(names, rows))


def _speaks_of_acute_risk(raw: bytes) -> bool:
    """Whether any text in bytes that are no referral does, read as JSON where they can be."""
    try:
        waiting = [from_json(raw)]
    except ValueError:
        return is_acute(raw.decode("utf-8", errors="replace"))
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and is_acute(value):
            return True
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
    return False


async def _remember(unit: Unit, letters: Sequence[_Letter]) -> None:
    """So that the same bytes get the same receipt."""
    rows = [
        (*letter.name, letter.submission_id, letter.receipt_id, letter.referral_id)
        for letter in letters
        if not (isinstance(letter.verdict, Faulty) and letter.verdict.code in _OF_THE_MOMENT)
    ]
    if rows:
        names = ("organisation", "digest", "submission_id", "receipt_id", "referral_id")
        await unit.tx.execute(KEEP_SUBMISSIONS, **_columns(names, rows))


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _refusal(verdict: WellFormed | TakenBack, code: RefusedBecause, path: str, remedy: str) -> Faulty:
    return Faulty(code, (fault(path, code, remedy),), own_id(verdict.submission_id, read_identity))
