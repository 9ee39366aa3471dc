"""The key links are signed with, and the address they begin with, as the environment says."""

from __future__ import annotations

from services.provider.links.token import Signer
from services.runtime.settings import link_settings
from services.runtime.web.sealed import strong_key


def signer() -> Signer:
    """Raises `MisconfiguredService` when there is no key, or one that is too short."""
    said = link_settings().provider_link_key
    return Signer(strong_key(said, "SLUSS_PROVIDER_LINK_KEY", "links to providers"))


def address_of(token: str) -> str:
    """The whole link, as it is sent."""
    return link_settings().provider_link_address + token
