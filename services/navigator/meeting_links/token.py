"""The token of a link to a meeting: which one it is, and a signature over that.

44 characters, so that a link fits into one SMS. It says neither who nor when: a meeting that is moved keeps
its link, and what a link is good for is told by the meeting itself.
"""

from __future__ import annotations

from uuid import UUID

from services.runtime.web.sealed import NotALink, Sealer

_MEETING = b"\x01"


class MeetingSigner(Sealer):
    """Makes and reads tokens of links to meetings."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, "meeting")

    def sign(self, meeting_id: str) -> str:
        """The token for a meeting."""
        return self.seal(_MEETING + UUID(meeting_id).bytes)

    def read(self, token: str) -> str:
        """The meeting it is for. Raises `NotALink`."""
        said = self.open(token)
        if said[:1] != _MEETING or len(said) != 17:  # signed by a later release
            raise NotALink
        return str(UUID(bytes=said[1:]))
