"""The only place that builds or parses a NATS subject.

`sluss.evt.<slot>.<noun>.<fact>.v<n>.<key>` -- the network's events; `sluss.evt.*.*.*.*.<key>` is one story.
`sluss.cmd.<owner>.<verb>`                  -- commands, request-reply.
`sluss.ops.<service>.tend`                  -- operators' errands about dead letters, request-reply.
`sluss.in.<org>.>` / `sluss.out.<org>.>`    -- one organisation's submissions / receipts and feedback.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

from sluss_contracts.event import PREFIX, Audience, Fact

SLOTS = 16
"""How many ordered lanes the network's events run in. Never changes: it is part of every subject."""

EVENTS = f"{PREFIX}.evt"
COMMANDS = f"{PREFIX}.cmd"
INGRESS = f"{PREFIX}.in"
OUTGOING = f"{PREFIX}.out"

EVERY_EVENT = f"{EVENTS}.>"
EVERY_INGRESS = f"{INGRESS}.>"
EVERY_SUBMISSION = f"{INGRESS}.*.submit"

EVENT_STREAM = "EVT"

SUBMIT = "referral.submit"
"""What a partner publishes its submissions to, in its own account; the broker adds whose they are."""

_IN_STREAM, _OUT_STREAM = "IN_", "OUT_"
_TOKEN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,119}$")


class NotASubject(ValueError):
    """The text is not a subject of this network, or cannot become a part of one."""


def token(text: str) -> str:
    """The text itself, if it may stand between two dots of a subject; `NotASubject` if not."""
    if not _TOKEN.fullmatch(text):
        raise NotASubject(
            f"{text!r} cannot be part of a subject: letters, digits, '-' and '_' only, 120 at most"
        )
    return text


def slot_of(key: str) -> int:
    """The lane a partition key belongs to, 0–15, the same in every process and for ever."""
    return crc32(key.encode()) % SLOTS


def event_subject(fact: Fact, organisation: str | None = None) -> str:
    """Where a fact is published. `organisation` is needed for those addressed to a partner."""
    key = token(fact.partition_key)
    name = f"{fact.NOUN}.{fact.FACT}.v{fact.VERSION}"
    if fact.AUDIENCE is Audience.PARTNER:
        org = organisation or getattr(fact, "organisation", None)
        if not org:
            raise NotASubject(f"{fact.TYPE} is for a partner but names no organisation")
        return f"{OUTGOING}.{token(str(org))}.{name}.{key}"
    return f"{EVENTS}.{slot_of(key)}.{name}.{key}"


def subject_template(fact: type[Fact]) -> str:
    """What the subjects of an event type look like, its variable parts in braces."""
    name = f"{fact.NOUN}.{fact.FACT}.v{fact.VERSION}"
    match fact.AUDIENCE:
        case Audience.INGRESS:
            return f"{INGRESS}.{{organisation}}.submit"
        case Audience.PARTNER:
            return f"{OUTGOING}.{{organisation}}.{name}.{{key}}"
        case _:
            return f"{EVENTS}.{{slot}}.{name}.{{key}}"


def event_filter(fact: type[Fact], slot: int) -> str:
    """All events of one type in one lane."""
    return f"{EVENTS}.{slot}.{fact.NOUN}.{fact.FACT}.v{fact.VERSION}.*"


def every_slot_filter(fact: type[Fact]) -> str:
    """All events of one type, whatever their lane."""
    return f"{EVENTS}.*.{fact.NOUN}.{fact.FACT}.v{fact.VERSION}.*"


def type_pattern(type_: str) -> str:
    """What the subjects of one event type look like to SQL's `like`, whatever their lane and key."""
    return f"{EVENTS}.%.{type_.removeprefix(f'{PREFIX}.')}.%"


def story_filter(key: str) -> str:
    """Everything ever said under one partition key."""
    return f"{EVENTS}.{slot_of(key)}.*.*.*.{token(key)}"


def probe_subject(service: str) -> str:
    """Where a service's watchdog publishes to learn whether the stream still takes writes."""
    return f"{EVENTS}.probe.{token(service)}"


def canary_subject(name: str) -> str:
    """Where somebody who doubts the broker's disk writes to a stream made for it."""
    return f"{PREFIX}.canary.{token(name)}"


def ingress_probe_subject(organisation: str) -> str:
    """Where the referral service publishes to learn whether an ingress stream still takes writes.

    Nobody but our own services may publish there: an organisation's account reaches `submit` alone.
    """
    return f"{INGRESS}.{token(organisation)}.probe"


def command_subject(owner: str, verb: str) -> str:
    """Where the owner of an aggregate listens for one command."""
    return f"{COMMANDS}.{token(owner)}.{token(verb)}"


def tending_subject(service: str) -> str:
    """Where a service listens for what operators want done about its dead letters."""
    return f"{PREFIX}.ops.{token(service)}.tend"


def ingress_stream(organisation: str) -> str:
    """The stream that holds one organisation's submissions until they are receipted."""
    return f"{_IN_STREAM}{token(organisation)}"


def outgoing_stream(organisation: str) -> str:
    """The stream one organisation reads its receipts and feedback from."""
    return f"{_OUT_STREAM}{token(organisation)}"


def submission_subject(organisation: str) -> str:
    """Where the broker stores what one organisation submits; the broker itself fills in who that is."""
    return f"{INGRESS}.{token(organisation)}.submit"


def ingress_filter(organisation: str) -> str:
    """Everything one organisation submits."""
    return f"{INGRESS}.{token(organisation)}.>"


def outgoing_filter(organisation: str) -> str:
    """Everything addressed to one organisation."""
    return f"{OUTGOING}.{token(organisation)}.>"


def submitter_of(stream: str) -> str:
    """Whose submissions an ingress stream holds; `NotASubject` when it is no such stream."""
    if not stream.startswith(_IN_STREAM):
        raise NotASubject(f"{stream!r} is not an organisation's ingress stream")
    return stream.removeprefix(_IN_STREAM)


def receiver_of(stream: str) -> str:
    """Whose receipts and feedback an outgoing stream holds; `NotASubject` when it is no such stream."""
    if not stream.startswith(_OUT_STREAM):
        raise NotASubject(f"{stream!r} is not an organisation's outgoing stream")
    return stream.removeprefix(_OUT_STREAM)


def stream_of(subject: str) -> str:
    """The stream a subject is stored in; `NotASubject` when it is not one of ours."""
    match subject.split("."):
        case ["sluss", "evt", *_]:
            return EVENT_STREAM
        case ["sluss", "out", org, *_]:
            return outgoing_stream(org)
        case ["sluss", "in", org, *_]:
            return ingress_stream(org)
        case _:
            raise NotASubject(f"{subject!r} is not stored in any stream of this network")


class Place(NamedTuple):
    """What the subject of an event on the network's stream says."""

    slot: int
    type: str
    key: str


def place_of(subject: str) -> Place:
    """Take an event's subject apart, once; `NotASubject` when it is not on the network's event stream."""
    parts = subject.split(".")
    if len(parts) != 7 or parts[0] != PREFIX or parts[1] != "evt" or not parts[2].isdecimal():
        raise NotASubject(f"{subject!r} is not an event's subject")
    return Place(int(parts[2]), f"{PREFIX}.{parts[3]}.{parts[4]}.{parts[5]}", parts[6])


def key_of(subject: str) -> str:
    """The partition key of an event's subject."""
    return subject.rsplit(".", 1)[1]


def type_of(subject: str) -> str:
    """The event type an event's subject names, e.g. `sluss.referral.accepted.v1`."""
    match subject.split("."):
        case ["sluss", "evt" | "out", _, noun, fact, version, _]:
            return f"{PREFIX}.{noun}.{fact}.{version}"
        case _:
            raise NotASubject(f"{subject!r} is not an event's subject")
