"""What follows what: which tasks each fact ends and which it asks for.

An open case always has an open task, so that nobody is left waiting in silence: where a fact leaves none,
somebody is asked to close the case, or to think again. The rules stand with their nouns: our own steps in
`next_steps`, what providers say in `places`, follow-ups, deadlines and alarms in `silences`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from services.navigator.domain import next_steps, places, silences
from services.navigator.domain.agenda import Agenda
from services.navigator.domain.case import Case, evolve
from sluss_contracts.case import CaseClosed
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import TaskKind

_RULES: Final[dict[type[Fact], Callable[..., None]]] = {
    **next_steps.RULES,
    **places.RULES,
    **silences.RULES,
}


def follow(case: Case | None, fact: Fact, agenda: Agenda) -> None:
    """Let a fact, our own or another service's, end and open tasks. `case` is as it is after the fact.

    What another service says of a case that is closed asks nothing of anybody, but for what outlives a case:
    feedback the referrer has not had, an alarm, an evaluation, a withdrawal that is not confirmed.
    """
    _let(case, fact, agenda)
    leave_nobody_waiting(case, agenda)


def follow_all(case: Case | None, facts: Sequence[Fact], agenda: Agenda) -> Case | None:
    """The same for facts of the case that are said together. Gives the case as it is after them."""
    for fact in facts:
        case = evolve(case, fact)
        _let(case, fact, agenda)
    leave_nobody_waiting(case, agenda)
    return case


def _let(case: Case | None, fact: Fact, agenda: Agenda) -> None:
    if case is None or not case.closed or isinstance(fact, (CaseClosed, *silences.AFTER_CLOSING)):
        _RULES[type(fact)](case, fact, agenda)


def leave_nobody_waiting(case: Case | None, agenda: Agenda) -> None:
    """An open case without a task asks somebody to close it."""
    if case is not None and not case.closed and not agenda.waits():
        agenda.open(TaskKind.CLOSE_CASE, "nothing_else_to_do")
