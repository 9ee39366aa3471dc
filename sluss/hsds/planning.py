"""What a record leads to, given what is known of it: commands to the owner of the catalogue, and nothing
else.

Of a record that has changed only what it says otherwise than before is changed here: what a provider has
corrected here meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.provider.domain.outside import digest
from services.provider.hsds.ids import name_for, record_of
from services.provider.hsds.organisation import entry_in, organization
from services.provider.hsds.service import (
    as_command,
    empty_service,
    said_by,
    said_of,
    with_times,
    written,
)
from services.provider.hsds.shapes import Entity, merged
from services.provider.hsds.times import timetable_in
from services.provider.hsds.words import OUR_TERMS, OURS
from sluss.hsds.assuming import assumed_of_organization, assumed_of_service, complete, entry_of
from sluss.hsds.terms import Kept, Known, Outcome, Plan, Terms, Unready
from sluss_contracts.command import Command, Fault
from sluss_contracts.commands.catalogue import ProposeProvider
from sluss_contracts.commands.outside_record import KeepOutsideRecord
from sluss_contracts.commands.provider import (
    ProposeActivity,
    PublishActivity,
    RegisterProvider,
    WithdrawActivity,
)
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.offering import Described
from sluss_contracts.outside_record import Assumed, RecordKind
from sluss_contracts.schedule import Timetable

NOT_ACTIVE = "not_active"
_PUBLISHED = ("published", "hidden")
_OVER = ("inactive", "defunct")
_OF_EXPORT = ("organization", "organization_id", "last_modified")
"""What is written when something is exported, and says nothing of the activity."""


def needs_reading(entity: Entity, known: Known | None) -> bool:
    """Whether the record as it was kept last is wanted, to see what has changed."""
    if known is None or entity.kind not in (RecordKind.SERVICE, RecordKind.ORGANIZATION):
        return False
    lays_out = (
        known.standing in _PUBLISHED and not known.laid_out and timetable_in(entity.document) is not None
    )
    return entity.partial or known.digest != digest(entity.document) or lays_out


def plan_other(entity: Entity, known: Known | None, terms: Terms) -> Plan:
    """A taxonomy or a term of one: kept, and told of."""
    if entity.id in OURS or entity.id in OUR_TERMS or (known and known.digest == digest(entity.document)):
        return Plan(Outcome.UNCHANGED)
    name = known.name if known else name_for(str(entity.document["name"]), entity.id)
    outcome = Outcome.CHANGED if known else Outcome.NEW
    return Plan(outcome, (_keep(entity, entity.document, name, Assumed(), terms),))


def plan_organization(entity: Entity, known: Known | None, kept: Kept | None, terms: Terms) -> Plan:
    """Who runs something: registered where they are trusted, else suggested."""
    if known is None:
        name, assumed = (
            name_for(str(entity.document["name"]), entity.id),
            assumed_of_organization(entity, terms),
        )
        keep = _keep(entity, entity.document, name, assumed, terms)
        entry = entry_of(entity.document, assumed)
        if terms.register:
            return Plan(Outcome.NEW, (_command(RegisterProvider, terms, provider=name, **entry), keep))
        return Plan(Outcome.SUGGESTED, (_command(ProposeProvider, terms, provider=name, **entry), keep))
    there = kept is not None and (kept.document or kept.offer)
    assumed = kept.assumed if kept and there else assumed_of_organization(entity, terms)
    base = kept.document if kept else None
    if base is None and kept and kept.offer:
        base = organization(None, known.name, kept.offer, assumed)
        if _says_nothing_more(entity, base):
            return Plan(Outcome.UNCHANGED)
    document = merged(base, entity)
    same = known.digest == digest(document)
    commands: list[Command] = []
    if known.standing != "registered":
        if terms.register:
            entry = entry_of(document, assumed)
            commands.append(_command(RegisterProvider, terms, provider=known.name, **entry))
    elif kept and kept.offer and not same:
        before, after = entry_in(base or {}, assumed), entry_in(document, assumed)
        wanted = {**kept.offer, **{each: after[each] for each in after if after[each] != before[each]}}
        if wanted != kept.offer:
            commands.append(_command(RegisterProvider, terms, provider=known.name, **wanted))
    if not same:
        commands.append(_keep(entity, document, known.name, assumed, terms))
    if not commands:
        return Plan(Outcome.UNCHANGED)
    registered = terms.register and known.standing != "registered"
    return Plan(Outcome.NEW if registered else Outcome.CHANGED, tuple(commands))


def plan_service(
    entity: Entity, known: Known | None, kept: Kept | None, provider: Known | None, terms: Terms
) -> Plan:
    """Something to take part in. Raises `Unready`."""
    if known is None and entity.partial:
        raise Unready(
            Fault(
                path="/service_id",
                code="unknown_service",
                remedy="Import the service first, or nest it here.",
            )
        )
    base = kept.document if kept else None
    if base is None and kept and kept.offer:
        base = _as_it_began(kept)
        if _says_nothing_more(entity, base):
            return Plan(Outcome.UNCHANGED)
    document = merged(base, entity)
    standing = known.standing if known else None
    if standing in _PUBLISHED:
        assert known is not None
        return _change(entity, document, base or {}, known, kept, terms)
    if known and standing and known.digest == digest(document) and not _trusted(provider, terms, standing):
        return Plan(Outcome.UNCHANGED)
    if standing == "withdrawn":
        assert known is not None
        return _keep_only(
            entity, document, known, kept, "is withdrawn here: publish it by hand, as another", terms
        )
    if standing == "proposed" and provider is None:
        assert known is not None
        return Plan(
            Outcome.SUGGESTED,
            (_keep(entity, document, known.name, assumed_of_service(document, terms), terms),),
        )
    if provider is None:
        raise Unready(
            Fault(
                path="/organization",
                code="unknown_organization",
                remedy="Import its organization first, or nest it here with its name and description.",
            )
        )
    assumed = assumed_of_service(document, terms)
    name = known.name if known else name_for(str(document["name"]), entity.id)
    if document.get("status", "active") != "active":
        if known and known.digest == digest(document):
            return Plan(Outcome.UNCHANGED)
        made = known or Known(name, None, None)
        return _keep_only(entity, document, made, None, f"is {document['status']} there", terms, assumed)
    keep = _keep(entity, document, name, assumed, terms)
    said = {**as_command(complete(said_by(document, assumed))), "activity": name, "provider": provider.name}
    if provider.standing != "registered":
        if standing == "proposed":
            return Plan(Outcome.SUGGESTED, (keep,), ("waits as it was suggested before",))
        return Plan(Outcome.SUGGESTED, (_command(ProposeActivity, terms, **said), keep))
    if standing == "proposed" and not terms.register:
        return Plan(Outcome.SUGGESTED, (keep,), ("waits as it was suggested before",))
    times = timetable_in(document)
    lay_out = [_command(SetSchedule, terms, activity=name, **_times(times))] if times else []
    return Plan(Outcome.NEW, (_command(PublishActivity, terms, **said), *lay_out, keep))


def _says_nothing_more(entity: Entity, base: Mapping[str, Any]) -> bool:
    """Whether a record that comes back says what is told from here."""
    return all(base.get(name) == value for name, value in entity.document.items() if name not in _OF_EXPORT)


def _as_it_began(kept: Kept) -> dict[str, Any]:
    """What began here, as it is told elsewhere, from where it comes back."""
    offer = Described.model_validate(kept.offer)
    base = written(empty_service(offer.activity, offer.title, ""), said_of(offer))
    del base["organization_id"]
    return with_times(base, kept.timetable)


def _change(
    entity: Entity,
    document: dict[str, Any],
    base: dict[str, Any],
    known: Known,
    kept: Kept | None,
    terms: Terms,
) -> Plan:
    """What is published here, and said otherwise there than before."""
    same = known.digest == digest(document)
    if kept is None or kept.offer is None:
        return Plan(Outcome.UNCHANGED)
    offer, commands, notes = Described.model_validate(kept.offer), list[Command](), list[str]()
    status = document.get("status", "active")
    if status in _OVER and base.get("status", "active") not in _OVER:
        commands.append(_command(WithdrawActivity, terms, activity=known.name, why=NOT_ACTIVE))
        commands.append(_keep(entity, document, known.name, kept.assumed, terms))
        return Plan(Outcome.WITHDRAWN, tuple(commands))
    if status != "active" and not same:
        notes.append(f"is {status} there: say so here by a break in its schedule")
    before, after = said_by(base, kept.assumed), said_by(document, kept.assumed)
    now = said_of(offer)
    wanted = {**now, **{each: after[each] for each in after if after[each] != before[each]}}
    if wanted != now and not same:
        said = {**as_command(complete(wanted)), "activity": known.name, "provider": offer.provider}
        commands.append(_command(PublishActivity, terms, expected_sequence=kept.sequence, **said))
    times = timetable_in(document)
    if times and (kept.timetable is None or (not same and times != timetable_in(base))):
        commands.append(_command(SetSchedule, terms, activity=known.name, **_times(times)))
    if not same:
        commands.append(_keep(entity, document, known.name, kept.assumed, terms))
    return Plan(Outcome.CHANGED if commands else Outcome.UNCHANGED, tuple(commands), tuple(notes))


def _keep_only(
    entity: Entity,
    document: dict[str, Any],
    known: Known,
    kept: Kept | None,
    note: str,
    terms: Terms,
    assumed: Assumed | None = None,
) -> Plan:
    held = assumed or (kept.assumed if kept else Assumed())
    return Plan(Outcome.KEPT, (_keep(entity, document, known.name, held, terms),), (note,))


def _trusted(provider: Known | None, terms: Terms, standing: str) -> bool:
    """Whether what waits is published now, since whoever runs it is trusted by this import."""
    return bool(standing == "proposed" and terms.register and provider and provider.standing == "registered")


def _keep(entity: Entity, document: dict[str, Any], name: str, assumed: Assumed, terms: Terms) -> Command:
    record = record_of(entity.kind, entity.id)
    return _command(
        KeepOutsideRecord,
        terms,
        record=record,
        kind=entity.kind,
        name=name,
        document=document,
        assumed=assumed,
    )


def _times(times: Timetable) -> dict[str, Any]:
    return {name: getattr(times, name) for name in Timetable.model_fields}


def _command(verb: type[Command], terms: Terms, **values: Any) -> Command:
    return verb(command_id=uuid4(), actor=terms.actor, **values)
