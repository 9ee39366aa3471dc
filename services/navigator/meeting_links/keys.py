"""The key links to meetings are signed with, and the address they begin with, as the environment says."""

from __future__ import annotations

from services.navigator.meeting_links.token import MeetingSigner
from services.runtime.settings import link_settings
from services.runtime.web.sealed import strong_key


def signer() -> MeetingSigner:
    """Raises `MisconfiguredService` when there is no key, or one that is too short."""
    said = link_settings().navigator_link_key
    return MeetingSigner(strong_key(said, "SLUSS_NAVIGATOR_LINK_KEY", "links to meetings"))


def address_of(token: str) -> str:
    """The whole link, as it is sent."""
    return link_settings().navigator_link_address + token
