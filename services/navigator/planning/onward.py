"""What is kept in versions: somebody else's step in the case is in nobody's way, but another version is."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request

from services.navigator.desk.opened import OpenedCase
from services.navigator.planning.filled import Filled
from services.runtime.web.refusals import STALE
from services.runtime.web.sending import NotDone, send
from sluss_contracts.command import Answer, Command

VERSION: Final = "version"
"""The field that says which version the form began with."""


def begun_with(filled: Filled, version: int) -> bool:
    """Whether the form began with this version."""
    return filled.one(VERSION) == str(version)


async def send_onward(
    request: Request, opened: OpenedCase, command: type[Command], filled: Filled, /, *, of: int, **said: Any
) -> Answer:
    """Send it; where the case has gone on meanwhile, but not what the form is about, send it again.

    `of` is the version there is. Raises `NotDone`, so that another version is shown first.
    """
    named = {"referral_id": opened.referral_id, **said}
    try:
        return await send(request, command, filled, **named)
    except NotDone as refusal:
        if refusal.code != STALE or not begun_with(filled, of):
            raise
    return await send(request, command, filled.looked_at(opened.sequence), **named)
