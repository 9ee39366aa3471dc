"""`sluss submit FILE`: hand in a referral as an organisation does, and wait for the receipt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from sluss.commands.asking import ACUTE, DEFAULT_DATA_DIR, DataDir, console
from sluss.machine.run_file import running
from sluss.people.referrer import Referrer
from sluss.reach import Failure, RefusedByRule, UnknownId, UnreadableFile
from sluss.submitting import hand_in
from sluss_contracts.receipt import HELD_UNTIL
from sluss_contracts.submission import MAX_SUBMISSION, RefusedBecause


def submit(
    file: Annotated[Path, typer.Argument(help="A CloudEvent, or only its data, as JSON.")],
    organisation: Annotated[
        str | None, typer.Option("--as", help="Who submits; needed when the file does not say.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the receipt.")] = 30.0,
) -> None:
    """Hand in a referral with an organisation's own credentials, and show the receipt."""
    raw, submitter, submission_id = _submission(file, organisation)
    if len(raw) > MAX_SUBMISSION:  # the broker may not even carry it, and then no receipt ever comes
        raise RefusedByRule(
            f"{file.name} would be refused: it has {len(raw)} bytes",
            remedy=f"send at most {MAX_SUBMISSION} bytes",
            code=RefusedBecause.TOO_LARGE,
        )
    run = running(data_dir)
    credentials = run.keys / "partners" / f"{submitter}.creds"
    if not credentials.exists():
        raise UnknownId(
            f"{submitter} has no credentials on this network",
            remedy=f"`sluss partner add {submitter}` gives it some; `sluss partner list` shows who has",
        )
    receipt = asyncio.run(hand_in(run, submitter, credentials, raw, submission_id, wait))
    if receipt["status"] == "refused":
        faults = [f"{fault['path'] or 'the whole'}: {fault['remedy']}" for fault in receipt.get("faults", ())]
        raise RefusedByRule(
            "\n".join([f"{file.name} was refused", *faults]),
            remedy="mend it and submit it again; docs/partners/receipt-codes.md tells what each code means",
            code=str(receipt["code"]),
        )
    console.print(f"{receipt['status']}: referral {receipt['referral_id']}")
    if until := HELD_UNTIL.get(str(receipt["code"])):
        console.print(f"It is kept, but {until}.")
    if receipt.get("acute"):
        console.print(ACUTE, style="bold")
    console.print(f"Follow it with: sluss story {receipt['referral_id']}")


_EXAMPLE = "`sluss trigger referral.requested` prints a whole one"


def _submission(file: Path, organisation: str | None) -> tuple[bytes, str, str]:
    """The bytes to send, who sends them, and the submission's id. A whole CloudEvent is sent untouched."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UnreadableFile.because(error, file) from None
    try:
        document: Any = json.loads(raw)
    except RecursionError:
        raise UnreadableFile(f"{file.name} is nested too deeply", remedy=_EXAMPLE) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableFile(f"{file.name} is not JSON ({where})", remedy=_EXAMPLE) from None
    except ValueError:
        raise UnreadableFile(f"{file.name} is not text in UTF-8", remedy=_EXAMPLE) from None
    if not isinstance(document, dict):
        raise UnreadableFile(f"{file.name} holds no object", remedy=_EXAMPLE)
    if "specversion" in document:
        source = str(document.get("source", ""))
        submitter = organisation or source.removeprefix("/org/")
        data = document.get("data")
        own_id = data.get("submission_id") if isinstance(data, dict) else None
        return raw, _named(submitter), str(own_id or document.get("id", ""))
    if organisation is None:
        raise Failure(f"{file.name} does not say who submits it", remedy="add --as ORGANISATION")
    submission_id = str(document.get("submission_id") or uuid4())
    payload = {key: value for key, value in document.items() if key != "submission_id"}
    return Referrer.envelope(_named(organisation), submission_id, payload), organisation, submission_id


def _named(organisation: str) -> str:
    if not organisation or "/" in organisation or organisation.startswith("."):
        raise UnknownId(f"{organisation!r} is no organisation's id", remedy="`sluss partner list` shows them")
    return organisation
