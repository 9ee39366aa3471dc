"""What of an event operators see, decided from its contract: by its data class, and by what each field is.

Nothing is shown because it was forgotten: a field is masked unless the contract says that it is an id, a
time or one of the words by which the network works. What tells of a person (needs, barriers, scores,
language, gender, protection, anything somebody wrote) is masked, and so is a field that the contract does
not know.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints

from sluss_contracts import vocabulary
from sluss_contracts.event import FACTS, PREFIX, DataClass, Fact
from sluss_contracts.pathway import InstrumentId

MASKED: Final = None
"""What stands in the place of a masked value. No event holds a null of its own: absent fields are left
out."""


class Kind(StrEnum):
    """What a shown field is."""

    ID = "id"
    CODE = "code"
    """One of few words, so that one may look for it."""
    OTHER = "other"


@dataclass(frozen=True)
class Rule:
    """What becomes of one field: shown as a kind, masked (no kind), or looked into (`inside`)."""

    kind: Kind | None = None
    inside: Mapping[str, Rule] = field(default_factory=dict)


_WORDS_OF_THE_NETWORK: Final = frozenset(
    {
        vocabulary.Acceptance,
        vocabulary.Attendance,
        vocabulary.CaseOutcome,
        vocabulary.Channel,
        vocabulary.ConsentPurpose,
        vocabulary.ConsentStatus,
        vocabulary.ContactOutcome,
        vocabulary.ContactWay,
        vocabulary.DeadlineKind,
        vocabulary.Engagement,
        vocabulary.FeedbackChannel,
        vocabulary.FeedbackPoint,
        vocabulary.LinkKind,
        vocabulary.MeetingKind,
        vocabulary.MeetingMode,
        vocabulary.MessageTemplate,
        vocabulary.NoticeTemplate,
        vocabulary.OrganisationKind,
        vocabulary.ReceiptStatus,
        vocabulary.Role,
        vocabulary.TaskKind,
        vocabulary.Timepoint,
        vocabulary.Whose,
    }
)
"""What these say is about the work, not about the person."""

_REASONS_OF_THE_NETWORK: Final = frozenset(
    {
        ("case.queued", "why"),
        ("case.assigned", "because"),
        ("case.unassigned", "because"),
        ("case.reassigned", "because"),
        ("referral.refused", "code"),
        ("referral.held", "why"),
        ("receipt.issued", "code"),
        ("message.sent", "channel"),
        ("message.failed", "why"),
        ("notice.sent", "channel"),
        ("notice.failed", "why"),
        ("notice.suppressed", "why"),
        ("feedback.issued", "status"),
        ("task.done", "how"),
        ("task.lapsed", "why"),
        ("activity_task.done", "how"),
        ("activity_task.opened", "why"),
        ("alarm.raised", "where"),
    }
)
"""Of the free codes, those that tell what the network did, not how somebody is."""

_COUNTS: Final = frozenset(
    ["attempt", "minutes", "number", "pathway_version", "plan_version", "position", "version"]
)
_SWITCHES: Final = frozenset(["by_hand", "by_letter", "entered_in_error", "host_wanted", "renewed", "told"])
_MOMENTS: Final = (AwareDatetime, datetime, date, time, UUID)
_FAULTS: Final = frozenset(["path", "code", "remedy"])
"""A fault names a place in a submission and never a value."""

_CODES: Final = {
    constraint.pattern: alias
    for alias in (vocabulary.Slug, vocabulary.Area, vocabulary.Language, vocabulary.Code, InstrumentId)
    for constraint in typing.get_args(alias)[1:]
}
_KEY: Final = typing.get_args(vocabulary.Key)[1].pattern
_NAMES: Final = (vocabulary.Slug, vocabulary.Area, InstrumentId)
"""Readable ids of organisations, teams, places, activities: what the work is done by and with."""


def rules_of(type_: str) -> Mapping[str, Rule]:
    """What becomes of each field of an event type (`case.assigned.v1`, with or without prefix)."""
    fact = FACTS.get(type_ if type_.startswith(f"{PREFIX}.") else f"{PREFIX}.{type_}")
    return _rules(fact) if fact else {}


def disclose(type_: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A payload as operators see it: every masked field is there, and null."""
    return _disclosed(data, rules_of(type_))


def coded(type_: str, shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and value of every coded value at the top of a disclosed payload: what one may look for."""
    rules = rules_of(type_)
    for name, value in shown.items():
        rule = rules.get(name)
        if rule is None or rule.kind is not Kind.CODE:
            continue
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one).lower() if isinstance(one, bool) else str(one)


@cache
def searchable() -> frozenset[str]:
    """The fields one may look for by value, of all event types."""
    return frozenset(
        name for fact in FACTS.values() for name, rule in _rules(fact).items() if rule.kind is Kind.CODE
    )


def masked_fields(shown: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The places of a disclosed payload at which something is masked: `needs`, `goals[0].words`."""
    for name, value in shown.items():
        yield from _masked_in(value, f"{before}.{name}" if before else name)


def _masked_in(value: Any, place: str) -> Iterator[str]:
    match value:
        case None:
            yield place
        case dict():
            yield from masked_fields(value, place)
        case list():
            for number, one in enumerate(value):
                yield from _masked_in(one, f"{place}[{number}]")


def _disclosed(data: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    return {name: _value(value, rules.get(name, _HIDDEN)) for name, value in data.items()}


def _value(value: Any, rule: Rule) -> Any:
    if rule.inside:
        if isinstance(value, list):
            return [_value(one, rule) for one in value]
        return _disclosed(value, rule.inside) if isinstance(value, dict) else MASKED
    return value if rule.kind else MASKED


_HIDDEN: Final = Rule()


@cache
def _rules(fact: type[Fact]) -> Mapping[str, Rule]:
    return _of_model(fact, fact, "")


def _of_model(fact: type[Fact], model: type[BaseModel], path: str) -> dict[str, Rule]:
    return {
        name: _rule(fact, known.annotation, known.metadata, f"{path}{name}")
        for name, known in model.model_fields.items()
    }


def _rule(fact: type[Fact], annotation: Any, metadata: list[Any], path: str) -> Rule:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        inner, *more = typing.get_args(annotation)
        return _rule(fact, inner, [*metadata, *more], path)
    if origin in (tuple, list, set, frozenset, typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part not in (type(None), ...)]
        rules = [_rule(fact, part, metadata, path) for part in parts]
        return rules[0] if rules and all(rule == rules[0] for rule in rules) else _HIDDEN
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Rule(inside=_of_model(fact, annotation, f"{path}."))
    if origin is not None and fact.DATA_CLASS is DataClass.PUBLIC:
        return Rule(Kind.OTHER)  # a table of translations, say
    kind = _kind_of(annotation, metadata)
    return Rule(kind if kind and _may_be_seen(fact, annotation, metadata, path) else None)


def _pattern(metadata: list[Any]) -> str | None:
    """The pattern of a constrained text, by which it is known which of the vocabulary's it is."""
    found = [one.pattern for one in metadata if isinstance(one, StringConstraints)]
    return str(found[0]) if found and found[0] else None


def _kind_of(annotation: Any, metadata: list[Any]) -> Kind | None:
    """What a single value is; None for what only its own class of event may show."""
    if annotation is str:
        pattern = _pattern(metadata)
        return Kind.ID if pattern == _KEY else Kind.CODE if pattern in _CODES else Kind.OTHER
    if annotation is bool or (isinstance(annotation, type) and issubclass(annotation, StrEnum)):
        return Kind.CODE
    return Kind.OTHER


def _may_be_seen(fact: type[Fact], annotation: Any, metadata: list[Any], path: str) -> bool:
    """Whether operators see a value: everything public; of what is about people only what moves the work."""
    if fact.DATA_CLASS is DataClass.PUBLIC:
        return True
    name = path.rpartition(".")[2]
    if annotation is str:
        pattern = _pattern(metadata)
        if pattern == _KEY or (pattern is not None and _CODES.get(pattern) in _NAMES):
            return True
        if path.startswith("faults."):
            return name in _FAULTS
        if fact.DATA_CLASS is DataClass.STAFF:
            return pattern in _CODES
        return (f"{fact.NOUN}.{fact.FACT}", path) in _REASONS_OF_THE_NETWORK
    if fact.DATA_CLASS is DataClass.STAFF or annotation in _MOMENTS:
        return True
    if annotation is bool:
        return name in _SWITCHES
    return annotation in _WORDS_OF_THE_NETWORK or (annotation is int and name in _COUNTS)
