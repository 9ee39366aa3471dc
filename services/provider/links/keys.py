"""The key links are signed with, and the address they begin with, as the environment says."""

from __future__ import annotations

import os
from functools import cache

from services.provider.links.token import Signer
from services.runtime.settings import SECRETS_DIR, LinkSettings
from services.runtime.web.sealed import strong_key


@cache
def signer() -> Signer:
    """Raises `MisconfiguredService` when there is no key, or one that is too short."""
    said = _settings().provider_link_key
    return Signer(strong_key(said, "SLUSS_PROVIDER_LINK_KEY", "links to providers"))


def address_of(token: str) -> str:
    """The whole link, as it is sent."""
    return _settings().provider_link_address + token


@cache
def _settings() -> LinkSettings:
    return LinkSettings(_secrets_dir=os.environ.get(SECRETS_DIR))
