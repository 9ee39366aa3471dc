"""`sluss validate FILE`: is this what the network would take? Nothing is sent and nothing need run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_core import from_json

from services.referral.domain.submission import Faulty, examine
from services.referral.vault.identity import read_identity
from sluss.reach import Failure, UnreadableFile
from sluss_contracts.command import Fault
from sluss_contracts.event import FACTS, Audience, read_event
from sluss_contracts.faults import faults_of


class NotValid(Failure):
    """The file is not what the contract says; the message lists every fault."""

    code = "not_valid"


def validate(
    file: Annotated[Path, typer.Argument(help="A whole CloudEvent, as JSON.")],
    organisation: Annotated[
        str | None, typer.Option("--as", help="Who will submit it; otherwise taken from the file.")
    ] = None,
) -> None:
    """Check a submission, or any event of the network, against its contract without sending it."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UnreadableFile.because(error, file) from None
    document = _read(raw)
    fact = FACTS.get(str(document.get("type")))
    if fact is None or fact.AUDIENCE is Audience.INGRESS:
        _submission(file, raw, organisation or str(document.get("source", "")).removeprefix("/org/"))
    else:
        try:
            read_event(fact, raw)
        except ValidationError as invalid:
            raise _not_valid(file, "invalid", faults_of(invalid)) from None
    print(f"{file.name} is a valid {document['type']}")


def _submission(file: Path, raw: bytes, organisation: str) -> None:
    """The very checks the network makes, in the same order."""
    judged = examine(raw, organisation, read_identity)
    if isinstance(judged, Faulty):
        raise _not_valid(file, judged.code.value, judged.faults)


def _not_valid(file: Path, code: str, faults: tuple[Fault, ...]) -> NotValid:
    lines = [f"{fault.path or 'the whole'}: {fault.code}. {fault.remedy}" for fault in faults]
    return NotValid(
        "\n".join([f"{file.name} would be refused: {code}", *lines]),
        remedy="docs/partners/receipt-codes.md tells what each code means",
    )


def _read(raw: bytes) -> dict[str, Any]:
    """The document if it is one; what is wrong with it otherwise is told by the network's own checks."""
    try:
        document = from_json(raw)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
