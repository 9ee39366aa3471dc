"""Filling in a page's own form as a browser without scripts does."""

from __future__ import annotations

import re
from html import unescape

import httpx

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_FIELD = re.compile(r"<(?:input|textarea|select|option)\b[^>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


def fields_of(page: str, action: str) -> dict[str, str]:
    """What the form that is sent to this path would send as it stands."""
    form = next(each for each in _FORM.findall(page) if f'action="{action}"' in each)
    sent: dict[str, str] = {}
    select = ""
    for tag in _FIELD.findall(form):
        said = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag[1:-1])}
        kind = tag[1:].split()[0].rstrip(">")
        if kind == "select":
            select = said["name"]
        elif kind == "option":
            if "selected" in said or select not in sent:
                sent[select] = said.get("value", "")
        elif kind == "textarea":
            inside = re.search(re.escape(tag) + r"\n?(.*?)</textarea>", form, re.DOTALL)
            sent[said["name"]] = unescape(inside[1]) if inside else ""
        elif said.get("type") not in ("radio", "checkbox") or "checked" in said:
            sent[said["name"]] = said.get("value", "")
    return sent


async def fill_in(
    browser: httpx.AsyncClient, path: str, action: str | None = None, **said: str
) -> httpx.Response:
    """Open the page, fill in its form, send it, and follow where it leads."""
    shown = await browser.get(path)
    assert shown.status_code == 200, shown.text
    answer = await browser.post(action or path, data=fields_of(shown.text, action or path) | said)
    return await browser.get(answer.headers["location"]) if answer.status_code == 303 else answer
