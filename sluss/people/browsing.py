"""A browser of the simplest kind: opens the page behind a link, fills in one of its forms, sends it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx


class Browser:
    """Each visit is somebody else's: nothing is kept between two of them."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport` leads to pages that are not on the network."""
        self._transport = transport

    async def answer(self, address: str, said: Mapping[str, str]) -> bool:
        """Fill in the form whose `answer` is the one that is said. Whether it was taken; not where the link
        is over, the page has no such form, or nobody answers."""
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(
                transport=self._transport, timeout=10, follow_redirects=True
            ) as client:
                page = await client.get(address)
                form = form_on(page.text, said["answer"]) if page.status_code == 200 else None
                if form is None:
                    return False
                sent = await client.post(urljoin(address, form.action), data={**form.fields, **said})
                return sent.status_code == 200 and bool(sent.history)
        return False

    async def fill_in(self, address: str, said: Mapping[str, str]) -> bool:
        """Answer the questions of a page, look through them, and send them. Whether they were taken."""
        path = urlsplit(address).path
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(
                transport=self._transport, timeout=10, follow_redirects=True
            ) as client:
                page = await client.get(address)
                for filled in (said, {"step": "send"}):
                    form = form_to(page.text, path) if page.status_code == 200 else None
                    if form is None:
                        return False
                    page = await client.post(address, data={**form.fields, **filled})
                return page.status_code == 200 and bool(page.history)
        return False


class Form:
    """A form as it stands on the page before anybody fills it in."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.forms.append(Form(said.get("action") or ""))
            self._inside = True
        elif tag == "input" and self._inside and said.get("name"):
            chosen = said.get("type") not in ("radio", "checkbox") or "checked" in said
            if chosen:
                self.forms[-1].fields[said["name"]] = said.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def form_on(page: str, answer: str) -> Form | None:
    """The form with this `answer` in it."""
    return next((form for form in _forms_on(page) if form.fields.get("answer") == answer), None)


def form_to(page: str, action: str) -> Form | None:
    """The form that is sent there."""
    return next((form for form in _forms_on(page) if form.action == action), None)


def _forms_on(page: str) -> list[Form]:
    reader = _Forms()
    reader.feed(page)
    return reader.forms
