"""Mistakes that decisions might make, planted on purpose: the sequences must find each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from sluss.lifecycles.found import reactions
from tests.properties import town

PLANTED: list[Mistake] = []


@dataclass(frozen=True)
class Mistake:
    """One wrong decision, and which rules may tell of it."""

    name: str
    found_by: frozenset[str]
    where: str
    """The function that decides wrongly."""
    wrong: Callable[[Callable[..., Any]], Callable[..., Any]]
    """Makes the wrong function of the right one."""

    @contextlib.contextmanager
    def planted(self) -> Iterator[None]:
        """The network makes this mistake meanwhile."""
        reactions()  # read from the source as it is, before it is changed
        module, _, name = self.where.rpartition(".")
        owner: Any = _find(module)
        town.underway()  # made before anything is wrong
        try:
            with patch.object(owner, name, self.wrong(getattr(owner, name))):
                yield
        finally:
            if "I8" in self.found_by:
                town.forget()  # states that were changed in place are met by nobody else


def _find(path: str) -> Any:
    import importlib

    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(importlib.import_module(module), name)


def mistake(where: str, *found_by: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a wrong version of the function at `where`; called with the right one and its arguments."""

    def register(wrong: Callable[..., Any]) -> Callable[..., Any]:
        def make(right: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *args, **named: wrong(right, *args, **named)

        PLANTED.append(Mistake(wrong.__name__, frozenset(found_by), where, make))
        return wrong

    return register


@mistake("services.navigator.domain.holding.claim", "I3", "lifecycle", "no reaction fails")
def a_case_is_claimed_although_somebody_has_it(right: Any, case: Any, *args: Any) -> Any:
    from services.navigator.domain.case import Status

    return right(case.model_copy(update={"worker": None, "status": Status.IN_LINE}), *args)


@mistake("services.notify.domain.message.queue", "I4")
def a_message_is_queued_twice(right: Any, *args: Any, **named: Any) -> Any:
    facts = right(*args, **named)
    return [*facts, *(each.model_copy(update={"message_id": f"{each.message_id}-2"}) for each in facts)]


@mistake("services.notify.domain.feedback.tell", "I6")
def the_referrer_is_not_told_of_the_end(right: Any, held: Any, told: Any, **named: Any) -> Any:
    return [] if told == "closed" else right(held, told, **named)


@mistake("services.navigator.domain.journey.leave_nobody_waiting", "I5")
def somebody_is_left_without_a_task(right: Any, case: Any, agenda: Any, *args: Any) -> Any:
    return agenda.close(how="forgotten") and None


@mistake("services.navigator.domain.agenda.Agenda.open", "I4")
def a_lost_message_is_nobodys_task(right: Any, agenda: Any, kind: Any, *args: Any, **named: Any) -> Any:
    return None if kind == "check_message" else right(agenda, kind, *args, **named)


@mistake("services.referral.domain.ending.close", "lifecycle", "I10")
def a_referral_is_closed_again(right: Any, held: Any, *args: Any) -> Any:
    from services.referral.domain.referral import Status

    return right(held.model_copy(update={"status": Status.OPEN}), *args)


@mistake("services.notify.feedback_courier._say", "I2")
def a_courier_says_something_without_a_cause(right: Any, unit: Any, row: Any, told: Any) -> Any:
    return unit.say(told, cause=None)


@mistake("services.navigator.domain.work.record_contact", "no reaction fails")
def a_decision_trips(right: Any, case: Any, *args: Any) -> Any:
    return [*right(case, *args), case.meetings["the first"]]


@mistake("services.navigator.domain.work.book_meeting", "I8")
def a_decision_changes_what_it_is_shown(right: Any, case: Any, *args: Any, **named: Any) -> Any:
    meeting_id, facts = right(case, *args, **named)
    case.meetings.clear()
    case.enrolments["somebody-elses"] = "kor"
    return meeting_id, facts


@mistake("tests.properties.paper.desk.Desk.take", "said once", "I7", "lifecycle", "I10", "no reaction fails")
def the_inbox_forgets(right: Any, desk: Any, said: Any) -> Any:
    desk.inbox.clear()
    return right(desk, said)


@mistake("services.referral.domain.ending.close", "I10")
def a_reaction_waits_for_what_never_comes(right: Any, *args: Any) -> Any:
    from services.runtime.decision import Wait

    return Wait("what never comes")


@mistake("services.navigator.domain.ending.end", "ended is ended", "lifecycle", "I10", "no reaction fails")
def a_closed_case_is_closed_again(right: Any, case: Any, *args: Any, **named: Any) -> Any:
    from services.navigator.domain.case import Status

    return right(case.model_copy(update={"status": Status.ASSIGNED}), *args, **named)


@mistake("services.provider.domain.answer.accept", "lifecycle", "no reaction fails")
def an_offer_is_accepted_after_it_expired(right: Any, enrolment: Any, *args: Any) -> Any:
    from services.provider.domain.enrolment import Status

    return right(enrolment and enrolment.model_copy(update={"status": Status.OFFERED}), *args)


@mistake("services.referral.domain.consent.record_consent", "one open referral")
def a_second_referral_becomes_open(right: Any, *args: Any, **named: Any) -> Any:
    return right(*args, **named | {"duplicate_of": None})
