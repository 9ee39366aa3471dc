"""Asking another service: a command by request-reply, and its answer."""

from __future__ import annotations

from typing import Protocol

from sluss_contracts.command import Answer, Command


class Network(Protocol):
    """The other services, as one of them (or the command line) may address them."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        """Send a command to its owner. Raises `Transient` when nobody answers in time (seconds).

        The command may have been carried out all the same: ask again with the same command id.
        """
