"""`sluss trigger TYPE`: a fresh copy of an event's example, to try an integration with."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any

import nats
import nats.errors
import typer
from pydantic import TypeAdapter, ValidationError

from services.runtime.engine.ids import uuid7
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir
from sluss.machine.run_file import RunFile, running
from sluss.reach import Failure, UnknownId
from sluss.submitting import as_operator, hand_in
from sluss_contracts.event import CONTENT_TYPE, FACTS, PREFIX, Audience, Fact, read_event
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import event_subject
from sluss_contracts.vocabulary import Slug


def trigger(
    event_type: Annotated[str, typer.Argument(metavar="TYPE", help="E.g. receipt.issued; see docs/events.")],
    organisation: Annotated[
        str | None, typer.Option("--as", help="Send it: submitted by, or posted to, this organisation.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    wait: Annotated[float, typer.Option(help="Seconds to wait for a receipt.")] = 30.0,
) -> None:
    """Print a fresh example of an event; with --as, send it on this machine's network.

    `referral.requested` is submitted with the organisation's own credentials. What is posted to
    organisations (receipts, feedback) lands in that organisation's stream. All else is printed only: an
    event inside the network is said by the service that owns what it tells of, and by nobody else.
    """
    fact = _named(event_type)
    if organisation is not None:
        _check(organisation)
    event = _fresh(fact, organisation)
    if organisation is None:
        print(json.dumps(event, indent=2, ensure_ascii=False))
    elif fact.AUDIENCE is Audience.INGRESS:
        receipt = asyncio.run(_submit(running(data_dir), organisation, event, wait))
        print(json.dumps(receipt, indent=2, ensure_ascii=False))
    elif fact.AUDIENCE is Audience.PARTNER:
        subject = asyncio.run(_post(running(data_dir), fact, event))
        print(f"posted to {subject}")
    else:
        raise Failure(
            f"only the {fact.SAID_BY} service may say {fact.TYPE}",
            remedy="leave out --as to print one; `sluss simulate` makes the services say it",
        )


def _named(text: str) -> type[Fact]:
    """An event type by its full name, or without prefix, or without version."""
    for name in (text, f"{PREFIX}.{text}", f"{PREFIX}.{text}.v1"):
        if name in FACTS:
            return FACTS[name]
    near = get_close_matches(f"{PREFIX}.{text}.v1", FACTS, n=1)
    meant = f"did you mean {near[0]}?" if near else "docs/events lists them"
    raise UnknownId(f"there is no event {text!r}", remedy=meant)


def _check(organisation: str) -> None:
    try:
        TypeAdapter(Slug).validate_python(organisation)
    except ValidationError:
        remedy = "small letters, digits and '-', at most 63"
        raise UnknownId(f"{organisation!r} is no organisation's id", remedy=remedy) from None


def _fresh(fact: type[Fact], organisation: str | None) -> dict[str, Any]:
    """The example with an id and times of its own, as this organisation's if one is named."""
    event, now = example_of(fact.TYPE), datetime.now(UTC).isoformat(timespec="milliseconds")
    event |= {"id": str(uuid7()), "time": now}
    if "recordedtime" in event:
        event["recordedtime"] = now
    if fact.AUDIENCE is Audience.INGRESS:
        event["data"]["submission_id"] = event["id"]
    if organisation is not None:
        if fact.AUDIENCE is Audience.INGRESS:
            event["source"] = f"/org/{organisation}"
        elif "organisation" in event["data"]:
            event["data"]["organisation"] = organisation
    return event


async def _submit(run: RunFile, organisation: str, event: dict[str, Any], wait: float) -> dict[str, Any]:
    credentials = run.keys / "partners" / f"{organisation}.creds"
    if not credentials.exists():
        raise UnknownId(
            f"{organisation} has no credentials on this network",
            remedy=f"`sluss partner add {organisation}` gives it some",
        )
    raw = json.dumps(event).encode()
    return await hand_in(run, organisation, credentials, raw, event["data"]["submission_id"], wait)


async def _post(run: RunFile, fact: type[Fact], event: dict[str, Any]) -> str:
    """Put it where the network's own would be. Raises `Failure` when the organisation has no stream."""
    raw = json.dumps(event, ensure_ascii=False).encode()
    subject = event_subject(read_event(fact, raw).data)
    client = await as_operator(run)
    try:
        headers = {"Nats-Msg-Id": event["id"], "content-type": CONTENT_TYPE}
        await client.jetstream().publish(subject, raw, headers=headers)
    except nats.errors.Error:
        raise Failure(
            f"{event['data']['organisation']} has no stream on this network",
            remedy=f"`sluss partner add {event['data']['organisation']}` gives it one",
        ) from None
    finally:
        await client.close()
    return subject
