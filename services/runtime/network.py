"""Asking other services over NATS: a command out, its answer back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.errors import Error, MaxPayloadError, NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from pydantic import ValidationError

from services.runtime import tracing
from services.runtime.decision import Transient
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.subjects import command_subject


class NobodyAnswers(Transient):
    """No process of the owning service is listening. Nothing was carried out."""

    code = "nobody_answers"


class NoAnswerInTime(Transient):
    """The owner did not answer in time. The command may have been carried out: ask again with its id."""

    code = "no_answer_in_time"


class NatsNetwork:
    """`calls.Network` over a NATS connection, for services, pages, the command line and the simulator."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def client(self) -> Client:
        """The connection, for whoever asks the broker itself."""
        return self._client

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        """Send a command to its owner and wait at most `timeout` seconds.

        Raises `NobodyAnswers` or `NoAnswerInTime`, both `Transient`. A refusal is an answer, not an error.
        """
        name, about = f"ask {command.OWNER}.{command.VERB}", {"sluss.command_id": str(command.command_id)}
        with tracing.span(name, kind=tracing.SpanKind.CLIENT, about=about):
            return await self._ask(command, timeout)

    async def _ask(self, command: Command, timeout: float) -> Answer:
        subject = command_subject(command.OWNER, command.VERB)
        body, headers = command.model_dump_json().encode(), tracing.headers() or None
        try:
            reply = await self._client.request(subject, body, timeout=timeout, headers=headers)
        except NoRespondersError:
            raise NobodyAnswers(f"the {command.OWNER} service is not running; try again later") from None
        except MaxPayloadError:
            refused = Refused(code="too_large", message="the command is larger than the network carries")
            return Answer(command_id=command.command_id, refused=refused)
        except (NatsTimeout, Error, OSError):
            raise NoAnswerInTime(
                f"the {command.OWNER} service did not answer {command.VERB} within {timeout:g} s; "
                "send the same command again, with the same id"
            ) from None
        try:
            return Answer.model_validate_json(reply.data, extra="ignore")
        except ValidationError:
            raise NoAnswerInTime(f"the {command.OWNER} service's answer could not be read") from None


@asynccontextmanager
async def reach(
    url: str, creds: Path | str | None = None, *, name: str = "sluss"
) -> AsyncIterator[NatsNetwork]:
    """A network for somebody who is no service: the command line, a simulation. Closes its connection.

    Raises `NobodyAnswers` when the broker cannot be reached within a few seconds.
    """

    async def quiet(_: Exception) -> None:
        """nats-py prints a traceback for each failed attempt otherwise; the last one is raised anyway."""

    try:
        client = await nats.connect(
            [part.strip() for part in url.split(",")],
            user_credentials=str(creds) if creds else None,
            name=name,
            allow_reconnect=True,
            max_reconnect_attempts=3,
            reconnect_time_wait=0.5,
            connect_timeout=3,
            error_cb=quiet,
        )
    except (Error, OSError, TimeoutError):
        raise NobodyAnswers("the network's broker cannot be reached; is the network running?") from None
    # Once there, a broker that restarts is waited for: whoever asks has a time-out of their own.
    client.options["max_reconnect_attempts"] = -1
    try:
        yield NatsNetwork(client)
    finally:
        await client.close()
