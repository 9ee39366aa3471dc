"""The site a service's pages stand on: `build_web` puts the shared parts and the service's own together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse

from services.runtime import languages
from services.runtime.calls import Network
from services.runtime.decision import Transient
from services.runtime.languages import Language, load_languages
from services.runtime.settings import MisconfiguredService, Settings
from services.runtime.web import drafting, faults, signing_in
from services.runtime.web.area_words import area_in_words
from services.runtime.web.assets import Assets
from services.runtime.web.compiling import compiled_in
from services.runtime.web.drafts import OWNER, PLACE, Drafts
from services.runtime.web.forms import FIELD, LEAST_SECRET, FilledIn, FormTokens, SentForm
from services.runtime.web.headers import SecurityHeaders
from services.runtime.web.identity import ROLE_NAMES, Identity
from services.runtime.web.navigation import ways_for
from services.runtime.web.pages import Guard, Pages, Row, visitor_of
from services.runtime.web.refusals import SHARED, Words
from services.runtime.web.sessions import Sessions
from services.runtime.web.shared import shared_pages
from services.runtime.web.signing_in import SignIn
from services.runtime.web.traced import Traced
from services.runtime.web.visitors import Visitors
from sluss_contracts.command import Answer, Command

ROOM = Path(__file__).parent
LARGEST_FORM = 256 * 1024
"""Bytes; a form with more is refused before it is read (RFC 9110, 413)."""

FORM_ID = "form_id"
"""The field that makes a form sent twice one command."""
SEQUENCE = "sequence"
"""The field that says what its sender had seen."""

DemoPeople = Callable[[], Awaitable[Sequence[Identity]]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class RouteWithoutRoles(Exception):
    """A route was added past the route table, so nobody said who may use it."""


class Nobody:
    """A network in which nobody answers: of pages that were built without one."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        """Raises `Transient`."""
        raise Transient(f"these pages do not reach the {command.OWNER} service")


@dataclass
class Site:
    """What pages need to answer: how to speak, how to render, and who may be here."""

    service: str
    sessions: Sessions
    drafts: Drafts
    spoken: Mapping[str, Language]
    assets: Assets
    demo_people: DemoPeople | None
    sign_in: SignIn | None
    """How people sign in outside a demonstration, if they can."""
    network: Network
    """The services, for what pages ask and change."""
    refusals: Mapping[str, Words]
    """The rules in words, by their code."""
    now: Callable[[], datetime]
    """The network's clock (a demonstration may run ahead of the wall)."""
    speed: float
    """How many seconds of the network's clock pass in one of the wall's."""
    rows: list[Row] = field(default_factory=list)
    _templates: dict[str, Environment] = field(default_factory=dict)

    @property
    def is_demo(self) -> bool:
        """Whether people are made up and anybody may be anybody."""
        return self.demo_people is not None

    def prepare_templates(self, rooms: Sequence[Path]) -> None:
        """Compile-on-use environments, one for each language, over the rooms' `templates` folders."""
        loader = ChoiceLoader([FileSystemLoader(room / "templates") for room in rooms])
        for code, language in self.spoken.items():
            environment = Environment(
                loader=loader,
                bytecode_cache=compiled_in(code),
                autoescape=True,
                undefined=StrictUndefined,
                extensions=["jinja2.ext.i18n"],
                trim_blocks=True,
                lstrip_blocks=True,
            )
            environment.install_gettext_translations(language.texts, newstyle=True)  # type: ignore[attr-defined]
            environment.globals.update(
                asset=self.assets.url,
                language=language,
                offered=languages.OFFERED,
                role_names=ROLE_NAMES,
                form_token=_form_token_field,
                command_fields=_command_fields,
                draft_fields=_draft_fields,
                refusal=None,
                site=self,
                ways_for=ways_for,
            )
            environment.filters.update(
                area=area_in_words,
                date=language.date,
                day=language.day,
                moment=language.moment,
                clock=language.clock,
                hour=language.hour,
                weekday=language.weekday,
                tongue=language.tongue,
                lasting=language.lasting,
            )
            self._templates[code] = environment

    def fragment(self, template: str, language: Language, **context: Any) -> str:
        """Part of a page in one language, for a live update; it may not ask who is looking."""
        return self._templates[language.code].get_template(template).render(context)

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        carried: SentForm | FilledIn | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A whole page for this visitor.

        `carried` is what was filled in and is kept nowhere but in the page, or the form in which somebody is
        filling it in: whoever changes the language sends it along, to the page's own path, which answers
        through `in_language_asked_for`.
        """
        filling_in = carried if isinstance(carried, FilledIn) else None
        fields = carried if isinstance(carried, SentForm) else {}
        visitor = visitor_of(request)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        body = self.fragment(
            template,
            visitor.language,
            visitor=visitor,
            here=here,
            carried=fields,
            filling_in=filling_in,
            **context,
        )
        return HTMLResponse(body, status_code=status)


@pass_context
def _form_token_field(context: Context) -> Markup:
    """The hidden field every form must carry."""
    return _HIDDEN.format(FIELD, context["visitor"].form_token)


@pass_context
def _command_fields(context: Context, sequence: int | None = None) -> Markup:
    """The hidden fields of a form that sends a command, besides the token: what makes it one however often
    it is sent, and the sequence of what its sender has seen."""
    refusal = context.get("refusal")
    kept = getattr(refusal, "sequence", None)
    seen = sequence if kept is None else kept
    fields = _form_token_field(context) + _HIDDEN.format(FORM_ID, uuid4())
    return fields if seen is None else fields + _HIDDEN.format(SEQUENCE, seen)


@pass_context
def _draft_fields(context: Context) -> Markup:
    """The hidden fields of a long form: whom it is shown to and where, so that it can be kept."""
    visitor, site = context["visitor"], context["site"]
    if visitor.identity is None:
        return Markup()
    place = context["here"].split("?")[0]
    return _HIDDEN.format(OWNER, site.drafts.owner(visitor.identity.actor)) + _HIDDEN.format(PLACE, place)


_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')


def site_of(request: Request) -> Site:
    """The site this request was sent to."""
    site: Site = request.app.state.site
    return site


def secret_for_pages(settings: Settings) -> str:
    """The secret all services' pages share. Raises `MisconfiguredService` when there is none."""
    secret = settings.web_secret.get_secret_value() if settings.web_secret else ""
    if len(secret.encode()) < LEAST_SECRET:
        raise MisconfiguredService(
            f"SLUSS_WEB_SECRET: pages need one of at least {LEAST_SECRET} bytes, the same for every service"
        )
    return secret


def build_web(
    service: str,
    *,
    pool: asyncpg.Pool,
    secret: str,
    pages: Sequence[Pages] = (),
    rooms: Sequence[Path] = (),
    demo_people: DemoPeople | None = None,
    sign_in: SignIn | None = None,
    network: Network | None = None,
    refusals: Mapping[str, Words] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The web application of one service.

    * `pool` -- connections whose role may use the schema `web`; `secret` -- the same for every service.
    * `pages` -- the service's route tables; `rooms` -- its folders with `templates/` and `translations/`.
    * `demo_people` -- whom the demo login offers; None outside a demonstration, and then there is none.
    * `sign_in` -- the organisation's sign-in service; never in a demonstration.
    * `network` -- the services that pages ask; `refusals` -- this service's rules in words, by their code.
    """
    if demo_people is not None and sign_in is not None:
        raise MisconfiguredService("a demonstration, in which anybody may be anybody, has no sign-in service")
    tokens = FormTokens(secret.encode())
    spoken = load_languages([ROOM, *rooms])
    site = Site(
        service=service,
        sessions=Sessions(pool),
        drafts=Drafts(pool, secret.encode()),
        spoken=spoken,
        assets=Assets(ROOM / "static"),
        demo_people=demo_people,
        sign_in=sign_in,
        network=network or Nobody(),
        refusals={**SHARED, **(refusals or {})},
        now=now,
        speed=speed,
    )
    site.prepare_templates([*rooms, ROOM])

    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan, max_body_size=LARGEST_FORM
    )
    app.state.site = site
    tables = [shared_pages, signing_in.pages, drafting.pages, *pages]
    for row in (row for table in tables for row in table.rows):
        _mount(app, row, tokens)
        site.rows.append(row)
    refuse_routes_without_roles(app)

    faults.install(app)
    # The last added is the outermost.
    app.add_middleware(Visitors, spoken=spoken, tokens=tokens, sessions=site.sessions)
    app.add_middleware(faults.PlainFaults)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Traced, service=service)
    return app


def _mount(app: FastAPI, row: Row, tokens: FormTokens) -> None:
    streams = row.options.get("response_class") is EventSourceResponse
    methods = ["GET", "HEAD"] if row.method == "GET" and not streams else [row.method]
    app.add_api_route(
        row.path,
        row.endpoint,
        methods=methods,
        dependencies=[Depends(Guard(row, tokens))],
        **{"response_model": None, **row.options},
    )


def refuse_routes_without_roles(app: FastAPI) -> None:
    """Raise `RouteWithoutRoles` when a route has no guard of the route table before it."""
    for route in app.routes:
        guarded = isinstance(route, APIRoute) and any(
            isinstance(dependency.dependency, Guard) for dependency in route.dependencies
        )
        if not guarded:
            raise RouteWithoutRoles(
                f"{getattr(route, 'path', route)} is not in a route table; register it in Pages"
            )
