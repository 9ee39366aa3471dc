"""A browser of the simplest kind: opens the page behind a link, fills in one of its forms, sends it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

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
    reader = _Forms()
    reader.feed(page)
    return next((form for form in reader.forms if form.fields.get("answer") == answer), None)
