"""The catalogue for other programs: the read API of Open Referral HSDS 3.0, without login."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.provider.hsds import naming, reading, shapes
from services.provider.hsds.reading import Asked, Document, Found, Whole
from services.provider.hsds.rendering import moment
from services.provider.web.calendar_feeds import site_address
from services.provider.web.calendar_pace import HOUR, Pace
from services.provider.web.hsds_asked import WronglyAsked, asked_in, id_in, is_id, yes
from services.provider.web.hsds_openapi import PREFIX, VERSION, api_document
from services.runtime.web import ANYONE, Pages, sender_of

PROFILE = "https://docs.openreferral.org/en/3.0/hsds/"
KEPT = 300
"""Seconds for which an answer may be kept before it is asked for again."""
EACH, ALL = 6000, 60_000
"""Answers an hour to each who asks, and to all together."""

T = TypeVar("T")
Answering = Callable[[Request], Awaitable[Document]]


class NothingThere(Exception):
    """Nothing with that id, or nothing that everybody may see."""


def hsds_pages(engine: AsyncEngine, pace: Pace | None = None) -> Pages:
    """The API's route table, reading through this engine."""
    pages, kept = Pages("hsds"), pace or Pace(EACH, ALL)

    def get(path: str) -> Callable[[Answering], Answering]:
        def register(endpoint: Answering) -> Answering:
            pages.get(PREFIX + path, roles=ANYONE)(_answering(endpoint, kept))
            return endpoint

        return register

    @get("")
    @get("/")
    async def about(request: Request) -> Document:
        """What this API is."""
        there = site_address(request) + PREFIX
        return {"version": VERSION, "profile": PROFILE, "openapi_url": f"{there}/openapi.json"}

    @get("/openapi.json")
    async def described(request: Request) -> Document:
        """The API, described for programs."""
        return api_document(site_address(request) + PREFIX)

    @get("/services")
    async def services(request: Request) -> Document:
        """What there is."""
        given = request.query_params
        if yes(given, "minimal"):
            asked = asked_in(given, minimal=True)
            total, ids = await reading.find_ids(engine, asked)
            return _page(asked, total, [{"id": id, "modified_date": moment(at)} for id, at in ids])
        asked, full = asked_in(given), yes(given, "full")
        total, found = await reading.find_services(engine, asked)
        shape = shapes.whole_service if full else shapes.listed_service
        return _page(asked, total, [shape(each.service, each.organization) for each in found])

    @get("/services/{id}")
    async def service(request: Request) -> Document:
        """One service, whole."""
        found = _there(await reading.service(engine, _id(request)))
        return shapes.whole_service(found.service, found.organization)

    @get("/service_at_locations")
    async def places(request: Request) -> Document:
        """What there is, place by place."""
        asked, full = asked_in(request.query_params), yes(request.query_params, "full")
        total, found = await reading.find_places(engine, asked)
        wholes = [_at(whole, id) for id, whole in found]
        return _page(asked, total, wholes if full else [_listed_place(each) for each in wholes])

    @get("/service_at_locations/{id}")
    async def place(request: Request) -> Document:
        """One service at one place, whole."""
        return _at(_there(await reading.at_place(engine, _id(request))), _id(request))

    @get("/organizations")
    async def organizations(request: Request) -> Document:
        """Who runs things."""
        given, asked = request.query_params, asked_in(request.query_params)
        found = await reading.find_organizations(engine, asked)
        if yes(given, "full_service"):
            return _page(asked, found.total, [await _with_services(each["id"]) for each in found.documents])
        shown = found.documents if yes(given, "full") else map(shapes.one_to_one, found.documents)
        return _page(asked, found.total, list(shown))

    @get("/organizations/{id}")
    async def organization(request: Request) -> Document:
        """One who runs things, with all they run."""
        return await _with_services(_id(request))

    async def _with_services(id: str) -> Document:
        known, theirs = _there(await reading.organization(engine, id.lower()))
        return {**known, "services": [shapes.whole_service(each.service, None) for each in theirs]}

    @get("/taxonomies")
    async def taxonomies(request: Request) -> Document:
        """By what services are sorted."""
        asked = asked_in(request.query_params)
        return _listed(asked, await naming.find_taxonomies(engine, asked))

    @get("/taxonomies/{id}")
    async def taxonomy(request: Request) -> Document:
        """One taxonomy."""
        return _there(await naming.taxonomy(engine, _id(request)))

    @get("/taxonomy_terms")
    async def terms(request: Request) -> Document:
        """The words services are sorted by."""
        given, asked = request.query_params, asked_in(request.query_params)
        parent, top_only = id_in(given, "parent_id"), yes(given, "top_only")
        return _listed(asked, await naming.find_terms(engine, asked, parent=parent, top_only=top_only))

    @get("/taxonomy_terms/{id}")
    async def term(request: Request) -> Document:
        """One term."""
        return _there(await naming.term(engine, _id(request)))

    @get("/{elsewhere:path}")
    async def elsewhere(request: Request) -> Document:
        """Nothing else is here."""
        raise NothingThere

    return pages


def _answering(endpoint: Answering, pace: Pace) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if not pace.allows(sender_of(request)):
            return _problem(429, "Too many requests", "Ask more slowly, or take larger pages.", retry=True)
        try:
            document = await endpoint(request)
        except NothingThere:
            return _problem(404, "Nothing here", "The id or the address is unknown, or no longer told of.")
        except WronglyAsked as wrong:
            return _problem(400, "Wrongly asked", f"{wrong.parameter} {wrong.remedy}.", wrong.parameter)
        return _kept(request, orjson.dumps(shapes.for_everybody(document)))

    answer.__name__, answer.__doc__ = getattr(endpoint, "__name__", "answer"), endpoint.__doc__
    return answer


def _kept(request: Request, body: bytes) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_OPEN, "ETag": tag, "Cache-Control": f"public, max-age={KEPT}"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


_OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
"""Any site's script may read it: there is nothing here that is not for everybody."""


def _problem(
    status: int, title: str, detail: str, parameter: str | None = None, *, retry: bool = False
) -> Response:
    """What went wrong, for programs (RFC 9457)."""
    told: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if parameter:
        told["parameter"] = parameter
    headers = _OPEN | ({"Retry-After": str(int(HOUR / 60))} if retry else {})
    return Response(orjson.dumps(told), status, headers, media_type="application/problem+json")


def _page(asked: Asked, total: int, contents: list[Document]) -> Document:
    last = max(1, -(-total // asked.per_page))
    return {
        "total_items": total,
        "total_pages": last,
        "page_number": asked.page,
        "size": len(contents),
        "first_page": asked.page == 1,
        "last_page": asked.page >= last,
        "empty": not contents,
        "contents": contents,
    }


def _listed(asked: Asked, found: Found) -> Document:
    return _page(asked, found.total, list(found.documents))


def _at(whole: Whole, id: str) -> Document:
    return _there(shapes.whole_at_location(whole.service, whole.organization, id))


def _listed_place(whole: Document) -> Document:
    made = shapes.one_to_one(whole)
    made["location"] = shapes.one_to_one(whole.get("location", {}))
    made["service"] = shapes.one_to_one(whole["service"])
    return made


def _id(request: Request) -> str:
    id = str(request.path_params["id"]).lower()
    if not is_id(id):
        raise NothingThere
    return id


def _there(found: T | None) -> T:
    if found is None:
        raise NothingThere
    return found
