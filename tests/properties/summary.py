"""What a long run has seen, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sluss.lifecycles.found import lifecycles
from tests.properties.walk import Tally


@dataclass(frozen=True)
class Ran:
    """One long run."""

    tally: Tally
    asked: int
    seed: int
    seconds: float
    at: datetime
    versions: Mapping[str, str]


def page(ran: Ran) -> str:
    """The page, in Markdown."""
    return "\n".join(_lines(ran)) + "\n"


def _lines(ran: Ran) -> Iterator[str]:
    tally = ran.tally
    yield "# Property run"
    yield ""
    yield "What `python -m tests.properties` saw when it was last run at length. Each sequence plays the four"
    yield "services' own handlers, commands, timers and aggregates in memory, in an order made by chance,"
    yield "with events interleaved, delivered twice and early, and time jumping; after it everything in"
    yield "[invariants](invariants.md) that can hold on paper is looked at. Nothing was broken in this run."
    yield ""
    yield "| | |"
    yield "|---|---|"
    whole = "" if tally.sequences >= ran.asked else f" of the {ran.asked:,} asked for"
    yield f"| Sequences | {tally.sequences:,}{whole} |"
    yield f"| Steps | {tally.steps:,} |"
    yield f"| Events | {tally.events.total():,} |"
    yield f"| Commands that led to something | {tally.commands.total():,} |"
    yield f"| Commands refused | {tally.refusals.total():,} |"
    yield f"| Events set aside because they came before their cause | {tally.waited:,} |"
    yield f"| Seed | {ran.seed} |"
    yield f"| Seconds | {ran.seconds:,.0f} |"
    yield f"| When | {ran.at:%Y-%m-%d %H:%M} UTC |"
    for name, version in ran.versions.items():
        yield f"| {name} | {version} |"
    yield ""
    yield from _coverage(tally)
    for title, counted in (
        ("Events by type", tally.events),
        ("Commands that led to something", tally.commands),
        ("Events said because of a due date, by timer", tally.timers),
        ("Refusals by code", tally.refusals),
    ):
        yield from _table(title, counted)


def _coverage(tally: Tally) -> Iterator[str]:
    yield "## Moves of the lifecycles"
    yield ""
    yield "Every (status, event) that a lifecycle allows, and how many of them sequences came to."
    yield ""
    yield "| Aggregate | Seen | Allowed | Never seen |"
    yield "|---|---|---|---|"
    for kind, lifecycle in lifecycles().items():
        allowed = {
            (kind, status or "", f"{fact.NOUN}.{fact.FACT}")
            for fact, step in lifecycle.moves.items()
            for status in step.of
        }
        seen = allowed & tally.moves.keys()
        missing = ", ".join(f"{fact} of {status or 'nothing'}" for _, status, fact in sorted(allowed - seen))
        yield f"| {kind} | {len(seen)} | {len(allowed)} | {missing} |"
    yield ""


def _table(title: str, counted: Counter[str]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, times in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
        yield f"| `{name}` | {times:,} |"
    yield ""
