"""Every answer is guarded by headers, whatever became of the request."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

import services
from services.runtime.web.headers import CONTENT_SECURITY_POLICY

TEMPLATES = sorted(Path(next(iter(services.__path__))).rglob("templates/**/*.html"))
CARRIERS = ("form_token", "command_fields")
"""What puts the token into a form, alone or with more; tests/roles tries each route without it."""


@pytest.mark.parametrize("path", ["/login", "/name", "/no-such-page", "/broken", "/load", "/static/no.css"])
async def test_every_answer_carries_the_security_headers(browser: httpx.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_the_policy_lets_nothing_in_from_elsewhere_or_inline() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "base-uri 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_what_the_policy_forbids(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r"\sstyle\s*=|<style|javascript:|<[a-z][^>]*\son[a-z]+\s*=", source, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source, re.IGNORECASE)
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", source, re.IGNORECASE)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_does_something_carries_its_token(template: Path) -> None:
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", template.read_text(), re.DOTALL):
        assert any(f"{name}(" in form for name in CARRIERS), form


def test_nothing_is_said_to_be_safe_html_by_hand() -> None:
    assert TEMPLATES
    assert not [path.name for path in TEMPLATES if re.search(r"\|\s*safe|autoescape", path.read_text())]
