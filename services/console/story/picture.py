"""Where everything stands in the picture of a story: a lane for each party, a row for each event, lines
from cause to effect. The template draws it; nothing here knows of SVG but lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.console.log.entry import Entry
from services.console.story.following import name_of

ROW: Final = 26
LANE: Final = 176
HEAD: Final = 34
MARGIN: Final = 14
AT_MOST: Final = 150
_OURS: Final = ("referral", "navigator", "provider", "notify")
_FROM_ORGANISATIONS: Final = frozenset({"referral.submitted", "referral.cancelled"})
_FROM_PROVIDERS: Final = frozenset(
    {"enrolment.accepted", "enrolment.declined", "enrolment.another_time_suggested", "attendance.recorded"}
)


@dataclass(frozen=True, slots=True)
class Node:
    """One event in the picture."""

    entry: Entry
    name: str
    x: int
    y: int
    kind: str
    """`event`, `told` (addressed to an organisation), or `bad` (refused, overdue, failed)."""


@dataclass(frozen=True, slots=True)
class Line:
    """From a cause to its effect."""

    path: str
    kind: str
    """`within` a lane, `across` from one party to another, or `beside`: both come of the same command or
    date."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it."""

    lanes: tuple[tuple[str, int], ...]
    """The parties and where their lanes begin."""
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    left_out: int
    """Events that are not in it, because there are too many."""


_BAD: Final = ("failed", "refused", "overdue", "passed", "missing", "lapsed", "expired", "withheld", "raised")


def party_of(entry: Entry) -> str:
    """In whose lane an event stands: where an organisation or provider acts or is told, in theirs."""
    name = name_of(entry)
    if entry.organisation and (entry.lane.startswith("out.") or name in _FROM_ORGANISATIONS):
        return entry.organisation
    if name in _FROM_PROVIDERS and isinstance(entry.shown.get("provider"), str):
        return str(entry.shown["provider"])
    return entry.service


def draw(entries: Sequence[Entry], known: Sequence[Entry] = ()) -> Picture:
    """The picture of these events, in this order. `known` are all there are: a cause that is not drawn is
    seen through to its own cause."""
    shown = entries[:AT_MOST]
    parties = list(dict.fromkeys(party_of(entry) for entry in shown))
    outside = [party for party in parties if party not in _OURS]
    ordered = [*outside[:1], *(one for one in _OURS if one in parties), *outside[1:]]
    lanes = {party: MARGIN + number * LANE for number, party in enumerate(ordered)}
    nodes = {
        str(entry.event_id): Node(
            entry,
            name_of(entry),
            lanes[party_of(entry)] + 8,
            HEAD + MARGIN + number * ROW,
            _kind(entry),
        )
        for number, entry in enumerate(shown)
    }
    return Picture(
        lanes=tuple(lanes.items()),
        nodes=tuple(nodes.values()),
        lines=tuple(_lines(nodes, {str(entry.event_id): entry for entry in (*known, *shown)})),
        width=2 * MARGIN + LANE * len(lanes),
        height=HEAD + 2 * MARGIN + len(shown) * ROW,
        left_out=len(entries) - len(shown),
    )


def _lines(nodes: Mapping[str, Node], known: Mapping[str, Entry]) -> Iterator[Line]:
    first_of: dict[str, Node] = {}
    for node in nodes.values():
        cause = _drawn_cause(node.entry, nodes, known)
        if cause is None:
            continue
        if cause in nodes:
            yield _line(nodes[cause], node)
        elif cause in first_of:
            yield _line(first_of[cause], node, beside=True)
        else:
            first_of[cause] = node


def _drawn_cause(entry: Entry, nodes: Mapping[str, Node], known: Mapping[str, Entry]) -> str | None:
    """The event, command or date that led to this one: the nearest that is drawn, or comes from outside."""
    cause = entry.causation
    for _ in range(len(known)):
        if cause is None or cause in nodes or cause not in known:
            return cause
        cause = known[cause].causation
    return None


def _kind(entry: Entry) -> str:
    if entry.outcome == "refused" or name_of(entry).endswith(_BAD):
        return "bad"
    return "told" if entry.lane.startswith("out.") else "event"


def _line(cause: Node, effect: Node, *, beside: bool = False) -> Line:
    """A bow within a lane, wider the farther the effect is; a wave from lane to lane."""
    start, goal = f"{cause.x} {cause.y}", f"{effect.x} {effect.y}"
    if cause.x == effect.x:
        bow = cause.x - min(6 + (effect.y - cause.y) // ROW * 2, 20)
        path, kind = f"M{start} C{bow} {cause.y + 8} {bow} {effect.y - 8} {goal}", "within"
    else:
        middle = (cause.y + effect.y) // 2
        path, kind = f"M{start} C{cause.x} {middle} {effect.x} {middle} {goal}", "across"
    return Line(path, "beside" if beside else kind)
