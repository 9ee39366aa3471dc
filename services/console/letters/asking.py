"""Sending an errand to the service whose dead letter it is."""

from __future__ import annotations

from nats.aio.client import Client
from nats.errors import Error, NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from pydantic import ValidationError

from services.runtime.decision import Transient
from services.runtime.network import NoAnswerInTime, NobodyAnswers
from services.runtime.tending.errands import Errand
from sluss_contracts.command import Answer, Refused
from sluss_contracts.subjects import tending_subject


async def tend(client: Client, service: str, errand: Errand, *, timeout: float = 20.0) -> Answer:
    """The service's answer. Raises `NobodyAnswers` or `NoAnswerInTime`; the same errand may be sent again."""
    try:
        reply = await client.request(
            tending_subject(service), errand.model_dump_json().encode(), timeout=timeout
        )
        return Answer.model_validate_json(reply.data, extra="ignore")
    except NoRespondersError:
        raise NobodyAnswers(f"the {service} service is not running; try again later") from None
    except (NatsTimeout, Error, OSError, ValidationError):
        raise NoAnswerInTime(f"the {service} service did not answer within {timeout:g} s") from None


async def told(client: Client | None, service: str, errand: Errand) -> Answer:
    """The service's answer; a silent service, or no broker, is a refusal like others."""
    silent = Answer(refused=Refused(code="try_again", message="nobody answers"))
    if client is None:
        return silent
    try:
        return await tend(client, service, errand)
    except Transient:
        return silent
