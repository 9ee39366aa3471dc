"""The key links to meetings are signed with, and the address they begin with, as the environment says."""

from __future__ import annotations

import os
from functools import cache

from services.navigator.meeting_links.token import MeetingSigner
from services.runtime.settings import SECRETS_DIR, LinkSettings
from services.runtime.web.sealed import strong_key


@cache
def signer() -> MeetingSigner:
    """Raises `MisconfiguredService` when there is no key, or one that is too short."""
    return MeetingSigner(
        strong_key(_settings().navigator_link_key, "SLUSS_NAVIGATOR_LINK_KEY", "links to meetings")
    )


def address_of(token: str) -> str:
    """The whole link, as it is sent."""
    return _settings().navigator_link_address + token


@cache
def _settings() -> LinkSettings:
    return LinkSettings(_secrets_dir=os.environ.get(SECRETS_DIR))
