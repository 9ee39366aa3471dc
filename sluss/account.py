"""Whose hands are on the keyboard: the account at this machine, which stands beside every name given there.

A name at the command line is a claim (`--as`); whoever may read the operator's credentials may make any. The
account is what the machine itself knows, and what its own log and its administrators can follow.
"""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

_LOGIN = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN = 2**32 - 1


def account() -> str:
    """`linus@lots-1`; `linus as root@lots-1` where somebody works as another than they logged in as, which
    Linux remembers through every `sudo` and `su`."""
    works_as = _name(os.getuid())
    logged_in = _logged_in()
    who = works_as if logged_in in (None, works_as) else f"{logged_in} as {works_as}"
    return f"{who}@{socket.gethostname()}"[:120]


def acting(name: str, role: Role, organisation: str | None = None) -> Actor:
    """Somebody at the command line, under the name they give."""
    return Actor(id=name, role=role, organisation=organisation, account=account())


def own_name() -> str:
    """What somebody is called who gives no name: as they logged in."""
    return _logged_in() or _name(os.getuid())


def _logged_in() -> str | None:
    try:
        uid = int(_LOGIN.read_text())
    except (OSError, ValueError):
        return None
    return _name(uid) if uid != _NOBODY_LOGGED_IN else None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # in a container nobody need have a name
        return f"uid {uid}"
