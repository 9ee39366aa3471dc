"""A real sign-in service, in a thread of its own, that remembers what it was asked."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from werkzeug.serving import make_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is written against an older authlib
    import oidc_provider_mock

_HTTP = httpx.Client(verify=False)  # plain HTTP only


@dataclass
class SignInService:
    """Where it is, and every form its token endpoint was sent."""

    issuer: str
    tokens_asked: list[dict[str, list[str]]] = field(default_factory=list)
    away: bool = False

    def put(self, subject: str, **claims: Any) -> None:
        """Somebody with an account there."""
        answer = _HTTP.put(f"{self.issuer}/users/{subject}", json=claims)
        answer.raise_for_status()

    def say_yes(self, address: str, subject: str) -> str:
        """Somebody goes to the address, and signs in; where they are sent back to."""
        answer = _HTTP.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def say_no(self, address: str) -> str:
        """Somebody goes there, and does not."""
        return _HTTP.post(address, data={"action": "deny"}).headers["location"]


@contextlib.contextmanager
def sign_in_service() -> Iterator[SignInService]:
    """It runs, on a free port, until the end of the block."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    inside = oidc_provider_mock.app(require_nonce=True)
    service = SignInService("")

    def watched(environ: dict[str, Any], start_response: Any) -> Any:
        if service.away:
            start_response("503 Service Unavailable", [("content-type", "text/plain")])
            return [b""]
        if environ["PATH_INFO"] == "/oauth2/token":
            sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            service.tokens_asked.append(parse_qs(sent.decode()))
            environ["wsgi.input"] = io.BytesIO(sent)
        return inside(environ, start_response)

    server = make_server("127.0.0.1", 0, watched, threaded=True)
    service.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()


def asked_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
