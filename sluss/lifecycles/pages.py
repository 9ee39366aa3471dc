"""The pages: a state diagram for each kind of aggregate, and the table of who may say what when."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from services.runtime.lifecycle import Lifecycle
from sluss.lifecycles.found import Reaction, lifecycles, reactions, said_by, services
from sluss_contracts.event import Fact

_MADE = "<!-- Made by `python -m sluss.lifecycles` from the code that decides; do not edit. -->\n"


def pages() -> dict[str, str]:
    """Every page by its place within `docs/architecture`."""
    return {
        "lifecycles.md": _MADE + diagrams(lifecycles()),
        "authority.md": _MADE + authority(),
    }


def diagrams(found: dict[str, Lifecycle[Any]]) -> str:
    """One state diagram for each lifecycle (Mermaid), and its moves as a table for those who read tables."""
    parts = [
        "# Lifecycles\n",
        "Each diagram is drawn from the table the code decides by (`LIFECYCLE` in the domain modules). An\n"
        "arrow is an event; what is not drawn cannot be said: the decision refuses it with a named rule,\n"
        "and the fold of events would fail loudly. What leaves the status as it is is listed below it.\n",
    ]
    for kind, life in found.items():
        parts += [f"## {kind}\n", _diagram(life), _staying(life)]
    return "\n".join(part for part in parts if part)


def _diagram(life: Lifecycle[Any]) -> str:
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for fact, step in life.moves.items():
        for before in sorted(step.of, key=str):
            if step.to is None or step.to is before:
                continue
            arrows["[*]" if before is None else str(before.value), str(step.to.value)].append(_name(fact))
    lines = [f"    {a} --> {b}: {', '.join(sorted(names))}" for (a, b), names in arrows.items()]
    lines += [f"    {status.value} --> [*]" for status in life.last()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _staying(life: Lifecycle[Any]) -> str:
    rows = []
    for fact, step in sorted(life.moves.items(), key=lambda item: _name(item[0])):
        stays = sorted(one.value for one in step.of if one is not None and step.to in (None, one))
        if stays:
            rows.append(f"| `{_name(fact)}` | {', '.join(stays)} |")
    return "\n".join(["| Changes no status | May be said while |", "|---|---|", *rows, ""]) if rows else ""


def authority() -> str:
    """Who may say which event, and in which state: from the commands' roles, reactions and lifecycles."""
    because: dict[type[Fact], list[Reaction]] = defaultdict(list)
    for reaction in reactions():
        for fact in reaction.says:
            because[fact].append(reaction)
    parts = [
        "# Who may say what, when\n",
        "Only one service says an event, and only for a reason in this table: somebody's command (the roles\n"
        "that may send it are enforced before anything is decided, `not_allowed`), another event, or a date\n"
        "that has come. Whether this very person may, in the state things are in, the decision tells: the\n"
        "states are those of the [lifecycles](lifecycles.md), the rules' names the codes of the refusals.\n"
        "The service behind a page or a command line vouches for the actor's role.\n",
    ]
    for name in services():
        parts += [f"## Said by {name}\n", "| Event | While | On whose word |", "|---|---|---|"]
        parts += [
            f"| `{_name(fact)}` | {_while(fact)} | {_word(because[fact])} |"
            for fact in sorted(said_by(name), key=_name)
        ]
        parts.append("")
    return "\n".join(parts)


def _while(fact: type[Fact]) -> str:
    """The states of its own kind in which it may be said, or of several kinds where it moves several."""
    lives = [life for life in lifecycles().values() if fact in life.moves]
    own = [life for life in lives if life.kind == fact.AGGREGATE] or lives
    states = [
        "nothing yet" if state is None else str(state.value)
        for life in own
        for state in sorted(life.moves[fact].of, key=str)
    ]
    return ", ".join(dict.fromkeys(states)) or "always"


def _word(found: list[Reaction]) -> str:
    words = []
    for one in sorted(found, key=lambda reaction: (reaction.way, reaction.name)):
        if one.way == "command":
            by = one.handler.by
            roles = (
                ", ".join(sorted(role.value for role in by)) if by is not None else "as the question tells"
            )
            words.append(f"`{one.name}` by {roles}")
        elif one.way == "event":
            words.append(f"after `{one.name}`")
        else:
            words.append(f"when `{one.name}` is due")
    return "; ".join(words) or "a submission, or the service's own watch"


def _name(fact: type[Fact]) -> str:
    return f"{fact.NOUN}.{fact.FACT}"
