"""Dead letters as pages: by cause, one against its contract, and what operators do about them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

import asyncpg
import orjson
from fastapi import Form, Request
from nats.aio.client import Client
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from services.console.letters.asking import told
from services.console.letters.choosing import Chosen
from services.console.letters.differing import masked_places, seen, with_seen
from services.console.letters.reading import causes, letter, letters, proposals, type_of
from services.console.standing.examining import SERVICES
from services.console.web.events import SAID_PURPOSES
from services.console.web.frame import OPERATORS, console_page
from services.runtime.deadletters import UnknownDeadLetter
from services.runtime.tending.errands import (
    SHORTEST_NOTE,
    Dismiss,
    Errand,
    Propose,
    Replay,
    Try,
    TryAll,
    Unmask,
    Which,
)
from services.runtime.tending.places import WHOLE
from services.runtime.tending.unmasking import LASTS, visible
from services.runtime.web import NothingHere, Pages, actor_of, mark
from sluss_contracts.command import Refused

ROOM: Final = Path(__file__).parent
SAID: Final = {
    "needs_another": mark("Somebody else than who proposed it must approve it."),
    "dealt_with": mark("Somebody has dealt with it already."),
    "nothing_to_replay": mark("None of them can be replayed, only put aside."),
    "not_an_event": mark("Of this one nobody can tell which event it should be. It can only be put aside."),
    "not_yet_right": mark("The new data do not match the contract yet."),
    "unclear": mark("Say why in a few words."),
    "say_why": mark("Choose what for, and write why in ten signs or more, without naming anybody."),
    "not_written_down": mark(
        "The vault did not write it into the person's access log, so nothing is shown. Try again in a moment."
    ),
    "not_json": mark("The new data are no JSON object."),
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
WOULD_ALL: Final = {
    "apply": mark("would be applied"),
    "wait": mark("would wait for something that has not come yet"),
    "die": mark("would be refused again"),
    "fail": mark("would fail and be tried again"),
    "ignore": mark("nobody would react to any longer"),
}
DONE: Final = {
    "replay": mark("proposed for a replay. Somebody else must approve it."),
    "dismiss": mark("put aside"),
    "approve": mark("sent to the handlers again"),
    "reject": mark("left as they were"),
}
"""What is told of a thing that was done, behind how many."""
_OF_MANY: Final[dict[str, type[Replay | Dismiss | TryAll]]] = {
    "replay": Replay,
    "dismiss": Dismiss,
    "try_all": TryAll,
}
Reason = Annotated[str, Form(max_length=500)]
ErrandId = Annotated[UUID, Form()]
Data = Annotated[str, Form(max_length=100_000)]


def letter_pages(pool: asyncpg.Pool, client: Client | None) -> Pages:
    """The pages. Without a broker one may look and do nothing."""
    pages = Pages("console dead letters")

    async def one(
        request: Request, service: str, number: int, *, status: int = 200, data: str = "", **more: Any
    ) -> Response:
        async with pool.acquire() as connection:
            try:
                found = await letter(connection, known_service(service), number)
            except UnknownDeadLetter:
                raise NothingHere from None
            proposed = await proposals(connection, [service], letter=number)
            shown_now = await visible(connection, service, found, actor_of(request).id)
        as_seen = seen(found)
        values = {place: value for place, (value, _) in shown_now.items()}
        document = as_seen.envelope | {"data": with_seen(as_seen.shown, values)}
        given: dict[str, Any] = {"trial": None, "refused": None, "given": {}, **more}
        return console_page(
            request, "letter.html", status=status, service=service, letter=found, type=type_of(found),
            seen=as_seen, visible=shown_now, whole=WHOLE, proposed=proposed, errand=uuid4(),
            masked=[place for place in masked_places(found, as_seen.shown) if place not in shown_now],
            bytes=_laid_out(document) if as_seen.envelope or as_seen.shown else "",
            data=data or _laid_out(document["data"]), said=SAID, would=WOULD, purposes=SAID_PURPOSES,
            minutes=int(LASTS.total_seconds() // 60), shortest=SHORTEST_NOTE, **given,
        )  # fmt: skip

    async def some(request: Request, service: str, *, status: int = 200, **more: Any) -> Response:
        chosen: Chosen = more.pop("chosen", None) or Chosen.read(request.query_params)
        async with pool.acquire() as connection:
            found = await letters(connection, known_service(service), **asdict(chosen), most=200)
        given: dict[str, Any] = {"trial": None, "refused": None, "reason": "", **more}
        return console_page(
            request, "letters_of.html", status=status, service=service, letters=found, chosen=chosen,
            type_of=type_of, errand=uuid4(), said=SAID, would=WOULD_ALL, **given,
        )  # fmt: skip

    @pages.get("/console/deadletters", roles=OPERATORS)
    async def by_cause(request: Request) -> Response:
        """What nobody has dealt with, and what waits for a second person."""
        async with pool.acquire() as connection:
            found = await causes(connection, SERVICES)
            proposed = await proposals(connection, SERVICES)
        done = request.query_params.get("done", "")
        return console_page(
            request, "letters.html", causes=found, proposed=proposed, did=DONE,
            done=done if done in DONE else "", count=request.query_params.get("count", "")[:4],
        )  # fmt: skip

    @pages.get("/console/deadletters/{service}", roles=OPERATORS)
    async def of_service(request: Request, service: str) -> Response:
        """Each by itself; an address chooses among them, and all of those can be dealt with at once."""
        return await some(request, service)

    @pages.get("/console/deadletters/{service}/{number}", roles=OPERATORS)
    async def show(request: Request, service: str, number: int) -> Response:
        """One against its contract, masked."""
        return await one(request, service, number)

    @pages.post("/console/deadletters/{service}/many", roles=OPERATORS)
    async def many(
        request: Request,
        service: str,
        act: Annotated[str, Form(pattern="^(replay|dismiss|try_all)$")],
        errand: ErrandId,
        reason: Reason = "",
    ) -> Response:
        """Try, propose to replay, or put aside all that the page showed."""
        chosen = Chosen.read(await request.form())
        which = chosen.which()
        by: dict[str, Any] = {"id": errand, "actor": actor_of(request), "reason": given_reason(reason)}
        answer = await told(client, known_service(service), _OF_MANY[act](which=which, **by))
        kept: dict[str, Any] = {"chosen": chosen, "reason": reason}
        if answer.refused:
            return await some(request, service, status=400, refused=answer.refused, **kept)
        if act == "try_all":
            return await some(request, service, trial=answer.result, **kept)
        count = len(answer.result["letters" if act == "replay" else "done"])
        return RedirectResponse(f"/console/deadletters?done={act}&count={count}", 303)

    @pages.post("/console/deadletters/{service}/{number}/unmask", roles=OPERATORS)
    async def unmask(
        request: Request,
        service: str,
        number: int,
        errand: ErrandId,
        place: Annotated[str, Form(max_length=200)] = "",
        purpose: Annotated[str, Form(max_length=40)] = "",
        note: Annotated[str, Form(max_length=300)] = "",
    ) -> Response:
        """Let this operator see one masked place for a while."""
        given: dict[str, Any] = {"place": place, "purpose": purpose, "note": note}
        by: dict[str, Any] = {"id": errand, "actor": actor_of(request), "reason": note}
        try:
            asked = Unmask(number=number, place=place, purpose=purpose, **by)
        except ValidationError:
            refused = Refused(code="say_why", message="")
            return await one(request, service, number, status=422, refused=refused, given=given)
        answer = await told(client, known_service(service), asked)
        if answer.refused:
            return await one(request, service, number, status=422, refused=answer.refused, given=given)
        return RedirectResponse(f"/console/deadletters/{service}/{number}#data-title", 303)

    @pages.post("/console/deadletters/{service}/{number}", roles=OPERATORS)
    async def act(
        request: Request,
        service: str,
        number: int,
        act: Annotated[str, Form(pattern="^(replay|dismiss|try|try_data|propose)$")],
        errand: ErrandId,
        reason: Reason = "",
        data: Data = "",
    ) -> Response:
        """Do one thing about one of them, and show what came of it."""
        by: dict[str, Any] = {"id": errand, "actor": actor_of(request), "reason": given_reason(reason)}
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
            case _:
                asked = Try(number=number, data=wanted, **by)
        answer = await told(client, known_service(service), asked)
        kept: dict[str, Any] = {"data": data, "given": {"why": reason}}
        if answer.refused:
            return await one(request, service, number, status=400, refused=answer.refused, **kept)
        if isinstance(asked, Try):
            return await one(request, service, number, trial=answer.result, **kept)
        if isinstance(asked, Dismiss):
            return RedirectResponse(
                f"/console/deadletters?done={act}&count={len(answer.result['done'])}", 303
            )
        made = answer.result["proposal"]
        return RedirectResponse(f"/console/deadletters/{service}/proposals/{made}", 303)

    return pages


def known_service(service: str) -> str:
    """Its name, if there is such a service. Raises `NothingHere`."""
    if service not in SERVICES:
        raise NothingHere
    return service


def given_reason(text: str) -> str:
    """What was written, or that nothing was; the service asks for three letters at least."""
    return text.strip() if len(text.strip()) >= len("why") else "no reason was given"


def _object(text: str) -> dict[str, Any] | None:
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def _laid_out(document: Any) -> str:
    """JSON as it is read and edited."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
