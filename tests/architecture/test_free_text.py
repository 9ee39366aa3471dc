"""Whatever somebody writes freely about a person is looked through for words of acute risk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from sluss.lifecycles.found import services
from sluss_contracts.command import Command
from sluss_contracts.request import ReferralRequested
from sluss_contracts.vocabulary import LongText, ShortText

LOOKED_THROUGH = {
    "referral.requested": {"reason", "presented_as", "person.safe_contact.must_not_know"},
    "keep_words": {"words"},
    "change_contact": {"safe_contact.must_not_know"},
    "decline_referral": {"turn_to"},
    # These go through `keep_words` on the way in.
    "agree_plan": {"goals.words"},
    "record_mapping": {"what_matters"},
    "close_case": {"feedback"},
    "book_meeting": {"place", "lone_work"},
    "move_meeting": {"place", "lone_work"},
}
"""By command, the texts that say something of a person. Each has a test beside the service it goes to."""

_WAYS = ("phone", "email", "postal_address", "inbox")
NAMES_AND_ADDRESSES = {
    "referral.requested": {
        *("person.identity_number", "person.name", "referrer.unit", "referrer.person"),
        *(f"person.{whose}.{way}" for whose in ("contact", "guardian") for way in _WAYS),
    },
    "change_contact": {f"contact.{way}" for way in _WAYS},
    "register_organisation": {"name"},
    "register_team": {"name"},
    "register_link_worker": {"name"},
    "allow_sign_in": {"name"},
    "register_provider": {"name"},
    "propose_provider": {"name"},
    # Whom to turn to at a provider, and how: somebody in their work.
    "give_provider_contact": {"name", "note"},
    "give_activity_contact": {"name", "note"},
    "accept_enrolment": {"host"},
    "suggest_another_time": {"host"},
    "import_series": {"source"},
}
"""Texts that name somebody or something, and say nothing of how anybody is."""

OF_THE_NETWORK = {
    *("publish_pathway", "publish_instrument", "publish_activity", "propose_activity", "publish_resource"),
    *("set_schedule", "schedule_session", "reschedule_session", "bring_in_records"),
}
"""Definitions that are about nobody: files that an organisation edits, and what is published of activities.
Of what anybody may suggest, a coordinator reads every word before it is shown."""

_FREE = {get_args(kind)[1].pattern for kind in (LongText, ShortText)}


def texts(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Where free text may stand in a model, by path."""
    for name, info in model.model_fields.items():
        kinds = [info.annotation, *_within(info.annotation)]
        if any(getattr(rule, "pattern", None) in _FREE for rule in (*info.metadata, *kinds)):
            yield f"{before}{name}"
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from texts(kind, f"{before}{name}.")


def _within(kind: Any) -> Iterator[Any]:
    for inner in get_args(kind):
        yield inner
        yield from _within(inner)


def _commands() -> Iterator[type[Command]]:
    return (command for service in services().values() for command in service.commands)


def test_every_free_text_is_looked_through_or_says_nothing_of_a_person() -> None:
    found = {command.VERB: set(texts(command)) for command in _commands()}
    found = {verb: paths for verb, paths in found.items() if paths and verb not in OF_THE_NETWORK}
    found["referral.requested"] = set(texts(ReferralRequested))
    told = {
        verb: LOOKED_THROUGH.get(verb, set()) | NAMES_AND_ADDRESSES.get(verb, set())
        for verb in (*LOOKED_THROUGH, *NAMES_AND_ADDRESSES)
    }
    assert found == told
