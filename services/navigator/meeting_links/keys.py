"""The key links to meetings are signed with, and the address they begin with, as the environment says."""

from __future__ import annotations

import os
from functools import cache

from services.navigator.meeting_links.token import MeetingSigner
from services.runtime.settings import SECRETS_DIR, LinkSettings, MisconfiguredService
from services.runtime.web.sealed import LEAST_KEY


@cache
def signer() -> MeetingSigner:
    """Raises `MisconfiguredService` when there is no key, or one that is too short."""
    said = _settings().navigator_link_key
    key = said.get_secret_value().encode() if said else b""
    if len(key) < LEAST_KEY:
        raise MisconfiguredService(
            f"SLUSS_NAVIGATOR_LINK_KEY: links to meetings need a key of at least {LEAST_KEY} bytes"
        )
    return MeetingSigner(key)


def address_of(token: str) -> str:
    """The whole link, as it is sent."""
    return _settings().navigator_link_address + token


@cache
def _settings() -> LinkSettings:
    return LinkSettings(_secrets_dir=os.environ.get(SECRETS_DIR))
