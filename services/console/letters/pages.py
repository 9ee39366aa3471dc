"""Dead letters as pages: by cause, one against its contract, and what operators do about them."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

import asyncpg
import orjson
from fastapi import Form, Request
from nats.aio.client import Client
from starlette.responses import RedirectResponse, Response

from services.console.letters.asking import tend
from services.console.letters.differing import seen
from services.console.letters.reading import causes, corrections, letter, letters, type_of
from services.console.standing.examining import SERVICES
from services.console.web.frame import OPERATORS, console_page
from services.runtime.deadletters import UnknownDeadLetter
from services.runtime.decision import Transient
from services.runtime.tending.audit import actions
from services.runtime.tending.errands import (
    Approve,
    Dismiss,
    Errand,
    Propose,
    Reject,
    Replay,
    Try,
    Unmask,
    Which,
)
from services.runtime.web import NothingHere, Pages, actor_of, mark
from sluss_contracts.command import Answer, Refused

ROOM: Final = Path(__file__).parent
SAID: Final = {
    "needs_another": mark("Somebody else than who proposed it must approve it."),
    "dealt_with": mark("Somebody has dealt with it already."),
    "not_an_event": mark("Of this one nobody can tell which event it should be. It can only be put aside."),
    "not_yet_right": mark("The new data do not match the contract yet."),
    "unclear": mark("Say why in a few words."),
    "not_json": mark("The new data are no JSON object."),
    "not_replayable": mark("It cannot be replayed, only put aside."),
    "try_again": mark("The service does not answer just now. Try again in a moment."),
}
"""Why something was not done, by its code."""
WOULD: Final = {
    "apply": mark("It would be applied."),
    "wait": mark("It would wait for something that has not come yet."),
    "die": mark("It would be refused again."),
    "fail": mark("It would fail and be tried again."),
    "ignore": mark("Nobody would react to it any longer."),
}
DID: Final = {
    "replay": mark("replayed"),
    "dismiss": mark("put aside"),
    "try": mark("tried without effect"),
    "propose": mark("proposed a correction of"),
    "approve": mark("approved a correction of"),
    "reject": mark("rejected a correction of"),
    "unmask": mark("saw the bytes of"),
}
Reason = Annotated[str, Form(max_length=500)]
ErrandId = Annotated[UUID, Form()]
Data = Annotated[str, Form(max_length=100_000)]


def letter_pages(pool: asyncpg.Pool, client: Client | None) -> Pages:
    """The pages. Without a broker one may look and do nothing."""
    pages = Pages("console dead letters")

    async def told(service: str, errand: Errand) -> Answer:
        """The service's answer; a silent service is a refusal like others."""
        silent = Answer(refused=Refused(code="try_again", message="nobody answers"))
        if client is None:
            return silent
        try:
            return await tend(client, service, errand)
        except Transient:
            return silent

    async def one(request: Request, service: str, number: int, *, status: int = 200, **more: Any) -> Response:
        async with pool.acquire() as connection:
            try:
                found = await letter(connection, _known(service), number)
            except UnknownDeadLetter:
                raise NothingHere from None
            proposed = await corrections(connection, [service], letter=number)
        given: dict[str, Any] = {"raw": None, "data": "", "trial": None, "refused": None, **more}
        return console_page(
            request, "letter.html", status=status, service=service, letter=found, type=type_of(found),
            seen=seen(found), proposed=proposed, errand=uuid4(), me=actor_of(request).id,
            said=SAID, would=WOULD, **given,
        )  # fmt: skip

    @pages.get("/console/deadletters", roles=OPERATORS)
    async def by_cause(request: Request) -> Response:
        """What nobody has dealt with, and the corrections that wait for a second person."""
        async with pool.acquire() as connection:
            found = await causes(connection, SERVICES)
            proposed = await corrections(connection, SERVICES)
        done = request.query_params.get("done", "")
        return console_page(
            request, "letters.html", causes=found, proposed=proposed, errand=uuid4(), did=DID,
            done=done if done in DID else "", count=request.query_params.get("count", "")[:4],
        )  # fmt: skip

    @pages.get("/console/deadletters/audit", roles=OPERATORS)
    async def audit(request: Request) -> Response:
        """What operators did about them, the latest first."""
        async with pool.acquire() as connection:
            found = await actions(connection, SERVICES, most=200)
        return console_page(request, "letters_audit.html", actions=found, did=DID)

    @pages.get("/console/deadletters/{service}", roles=OPERATORS)
    async def of_service(request: Request, service: str) -> Response:
        """Each by itself; `code` and `type` choose among them, and all of those can be dealt with at once."""
        code, type_ = request.query_params.get("code"), request.query_params.get("type")
        async with pool.acquire() as connection:
            found = await letters(connection, _known(service), code=code, type=type_, most=200)
        return console_page(
            request, "letters_of.html", service=service, letters=found, code=code, type=type_,
            type_of=type_of, errand=uuid4(),
        )  # fmt: skip

    @pages.get("/console/deadletters/{service}/{number}", roles=OPERATORS)
    async def show(request: Request, service: str, number: int) -> Response:
        """One against its contract, masked."""
        return await one(request, service, number)

    @pages.post("/console/deadletters/{service}/many", roles=OPERATORS)
    async def many(
        request: Request,
        service: str,
        act: Annotated[str, Form(pattern="^(replay|dismiss)$")],
        errand: ErrandId,
        reason: Reason = "",
        code: Annotated[str, Form(max_length=80)] = "",
        type: Annotated[str, Form(max_length=120)] = "",
    ) -> Response:
        """Replay or put aside all that the page showed."""
        which = Which(code=code or None, type=type or None)
        kind = Replay if act == "replay" else Dismiss
        answer = await told(
            _known(service), kind(id=errand, actor=actor_of(request), reason=_reason(reason), which=which)
        )
        if answer.refused:
            return RedirectResponse("/console/deadletters", 303)
        return RedirectResponse(f"/console/deadletters?done={act}&count={len(answer.result['done'])}", 303)

    @pages.post("/console/deadletters/{service}/{number}", roles=OPERATORS)
    async def act(
        request: Request,
        service: str,
        number: int,
        act: Annotated[str, Form(pattern="^(replay|dismiss|try|try_data|unmask|propose)$")],
        errand: ErrandId,
        reason: Reason = "",
        data: Data = "",
    ) -> Response:
        """Do one thing about one of them, and show what came of it."""
        by: dict[str, Any] = {"id": errand, "actor": actor_of(request), "reason": _reason(reason)}
        wanted: dict[str, Any] | None = None
        if act in ("try_data", "propose") and (wanted := _object(data)) is None:
            refused = Refused(code="not_json", message="")
            return await one(request, service, number, status=400, refused=refused, data=data)
        asked: Errand
        match act:
            case "replay":
                asked = Replay(which=Which(numbers=(number,)), **by)
            case "dismiss":
                asked = Dismiss(which=Which(numbers=(number,)), **by)
            case "propose":
                asked = Propose(number=number, data=wanted or {}, **by)
            case "unmask":
                asked = Unmask(number=number, **by)
            case _:
                asked = Try(number=number, data=wanted, **by)
        answer = await told(_known(service), asked)
        if answer.refused:
            return await one(request, service, number, status=400, refused=answer.refused, data=data)
        match asked:
            case Unmask():
                raw = b64decode(answer.result["body"])
                return await one(
                    request, service, number, raw=raw.decode(errors="replace"), data=_data_in(raw)
                )
            case Try():
                return await one(request, service, number, trial=answer.result, data=data)
            case Propose():
                return RedirectResponse(f"/console/deadletters/{service}/{number}", 303)
        return RedirectResponse(f"/console/deadletters?done={act}&count={len(answer.result['done'])}", 303)

    @pages.post("/console/deadletters/{service}/{number}/correction", roles=OPERATORS)
    async def decide(
        request: Request,
        service: str,
        number: int,
        correction: Annotated[int, Form()],
        act: Annotated[str, Form(pattern="^(approve|reject)$")],
        errand: ErrandId,
        reason: Reason = "",
    ) -> Response:
        """Agree to what somebody else proposed, or do not."""
        kind = Approve if act == "approve" else Reject
        asked = kind(id=errand, actor=actor_of(request), reason=_reason(reason), correction=correction)
        answer = await told(_known(service), asked)
        if answer.refused:
            return await one(request, service, number, status=400, refused=answer.refused)
        return RedirectResponse(f"/console/deadletters?done={act}&count=1", 303)

    return pages


def _known(service: str) -> str:
    if service not in SERVICES:
        raise NothingHere
    return service


def _reason(text: str) -> str:
    """What was written, or that nothing was; the service asks for three letters at least."""
    return text.strip() if len(text.strip()) >= len("why") else "no reason was given"


def _object(text: str) -> dict[str, Any] | None:
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def _data_in(raw: bytes) -> str:
    """The data of an event, laid out to be edited; empty where there are none."""
    document = _object(raw.decode(errors="replace"))
    data = document.get("data") if document else None
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() if isinstance(data, dict) else ""
