"""How a page sends a command as its visitor, and what it shows when the answer is no.

    @cases.post("/cases/{case_id}/pause", roles={Role.LINK_WORKER})
    async def pause(request: Request, case_id: str) -> Response:
        form = await read_form(request)
        try:
            await send(request, PauseCase, form, referral_id=case_id, why=form.one("why"))
        except NotDone as no:
            return await show(request, case_id, refusal=no, filled=form)
        return RedirectResponse(f"/cases/{case_id}", status_code=303)

The form carries `{{ command_fields(case.sequence) }}`; its page shows `{{ parts.refused(refusal) }}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from pydantic import ValidationError
from starlette.requests import Request

from services.runtime.decision import Transient
from services.runtime.web.forms import SentForm
from services.runtime.web.pages import actor_of
from services.runtime.web.refusals import FAULTS, LATER, OTHER, OTHER_FAULT, STALE, UNCLEAR, Words
from services.runtime.web.site import FORM_ID, SEQUENCE, site_of
from sluss_contracts.command import Actor, Answer, Command, Fault, Refused
from sluss_contracts.faults import faults_of

PATIENCE: Final = 5.0
"""Seconds a page waits for a command's owner."""
_ANY = UUID(int=0)


class NotDone(Exception):
    """The command was not carried out: by which rule, in words, and what to do. The page is shown again."""

    def __init__(
        self, refused: Refused, words: Words, sequence: int | None, faults: Mapping[str, str]
    ) -> None:
        super().__init__(refused.code)
        self.refused = refused
        self.words = words
        self.faults = faults
        """By field, what is wrong with it."""
        self.sequence = sequence
        """What the visitor had seen; kept for the next attempt unless that is what was wrong."""

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.refused.code

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        if self.code == STALE:
            return 409
        return 503 if self.code in LATER else 422

    @property
    def by_a_rule(self) -> bool:
        """Whether the rule has no words of its own, so that its code and message are shown."""
        return self.words is OTHER or self.code == "internal_error"


async def send(request: Request, command: type[Command], form: SentForm, /, **said: Any) -> Answer:
    """Send what a form means, as whoever is signed in. Raises `NotDone`."""
    return await send_as(actor_of(request), request, command, form, **said)


async def send_as(
    actor: Actor, request: Request, command: type[Command], form: SentForm, /, **said: Any
) -> Answer:
    """The same as somebody who need not have signed in. Raises `NotDone`.

    A form sent twice is one command: its id comes of the form's own id and of all that is said. What the
    visitor had seen (`command_fields`) is the sequence the owner must still be at.
    """
    sequence = _sequence(form)
    named = {"actor": actor, "expected_sequence": sequence, **said}
    try:
        wanted = command.model_validate({"command_id": _ANY, **named})
    except ValidationError as invalid:
        refused = Refused(code=UNCLEAR, message="", faults=faults_of(invalid))
        raise _not_done(request, refused, sequence) from None
    given = wanted.model_copy(update={"command_id": _id_of(wanted, form)})
    try:
        answer = await site_of(request).network.ask(given, timeout=PATIENCE)
    except Transient as trouble:
        raise _not_done(request, Refused(code=trouble.code, message=str(trouble)), sequence) from None
    if answer.refused is not None:
        raise _not_done(request, answer.refused, sequence)
    return answer


def _id_of(wanted: Command, form: SentForm) -> UUID:
    try:
        once = UUID(form.one(FORM_ID))
    except ValueError:  # made by nobody's page: then each is one of its own
        return uuid4()
    return uuid5(once, f"{wanted.OWNER}.{wanted.VERB} {wanted.model_dump_json()}")  # who sends it, too


def _sequence(form: SentForm) -> int | None:
    seen = form.one(SEQUENCE)
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None


def _not_done(request: Request, refused: Refused, sequence: int | None) -> NotDone:
    words = site_of(request).refusals.get(refused.code, OTHER)
    faults = {_field(fault): FAULTS.get(fault.code, OTHER_FAULT) for fault in refused.faults}
    return NotDone(refused, words, None if refused.code == STALE else sequence, faults)


def _field(fault: Fault) -> str:
    """The name of the field, which a form gives its input as id."""
    return fault.path.strip("/").partition("/")[0]
