"""NATS's signed tokens: operator, account, user and activation claims (NATS JWT version 2, ed25519).

Source: the "JWTs and privacy" and "Decentralized JWT authentication" chapters of NATS's documentation.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import nkeys

UNLIMITED = -1


class Kind(Enum):
    """What a key pair stands for; the first letter of its public key is O, A or U."""

    OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
    ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
    USER = nkeys.PREFIX_BYTE_USER


@dataclass(frozen=True)
class Key:
    """One ed25519 key pair. `seed` is the secret; never log or print the object's fields."""

    seed: str

    @classmethod
    def new(cls, kind: Kind) -> Key:
        return cls(nkeys.encode_seed(os.urandom(32), kind.value).decode())

    @property
    def public(self) -> str:
        key: bytes = nkeys.from_seed(self.seed.encode()).public_key
        return key.decode()

    def sign(self, data: bytes) -> bytes:
        signature: bytes = nkeys.from_seed(self.seed.encode()).sign(data)
        return signature

    def __repr__(self) -> str:
        return f"Key({self.public})"


def signed(issuer: Key, subject: str, name: str, claims: Mapping[str, Any]) -> str:
    """A token about `subject` (a public key), signed by `issuer`. It never expires: access ends by
    revocation, because a NATS client whose token expires closes for good."""
    body: dict[str, Any] = {
        "iat": int(time.time()),
        "iss": issuer.public,
        "name": name,
        "sub": subject,
        "nats": {"version": 2, **claims},
    }
    digest = hashlib.new("sha512_256", json.dumps(body).encode()).digest()
    body["jti"] = base64.b32encode(digest).rstrip(b"=").decode()
    head = _encoded(b'{"typ":"JWT","alg":"ed25519-nkey"}')
    payload = _encoded(json.dumps(body, separators=(",", ":")).encode())
    return f"{head}.{payload}.{_encoded(issuer.sign(f'{head}.{payload}'.encode()))}"


def operator_claims(system_account: str) -> dict[str, Any]:
    return {"type": "operator", "system_account": system_account}


def account_claims(
    *,
    jetstream: bool = False,
    connections: int = UNLIMITED,
    subscriptions: int = UNLIMITED,
    payload: int = UNLIMITED,
    exports: Sequence[Mapping[str, Any]] = (),
    imports: Sequence[Mapping[str, Any]] = (),
    revocations: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """`revocations` maps a user's public key, or `*` for all, to the second up to which tokens are void."""
    limits: dict[str, Any] = {
        "subs": subscriptions,
        "data": UNLIMITED,
        "payload": payload,
        "imports": UNLIMITED,
        "exports": UNLIMITED,
        "wildcards": True,
        "conn": connections,
        "leaf": UNLIMITED if jetstream else 0,
    }
    if jetstream:
        limits |= {"mem_storage": UNLIMITED, "disk_storage": UNLIMITED}
        limits |= {"streams": UNLIMITED, "consumer": UNLIMITED}
    return {
        "type": "account",
        "limits": limits,
        "exports": list(exports),
        "imports": list(imports),
        "revocations": dict(revocations or {}),
        "default_permissions": {"pub": {}, "sub": {}},
    }


def user_claims(
    *,
    publish: Sequence[str] | None = None,
    subscribe: Sequence[str] | None = None,
    neither: Sequence[str] = (),
) -> dict[str, Any]:
    """`None` allows everything within the account; an empty list would too, so it is not accepted.

    What is in `neither` may be neither published nor subscribed, whatever else is allowed.
    """
    if publish == [] or subscribe == []:
        raise ValueError("an empty list of permissions would allow everything")
    return {
        "type": "user",
        "subs": UNLIMITED,
        "data": UNLIMITED,
        "payload": UNLIMITED,
        "pub": _permission(publish, neither),
        "sub": _permission(subscribe, neither),
    }


def _permission(allow: Sequence[str] | None, deny: Sequence[str]) -> dict[str, list[str]]:
    return {name: list(subjects) for name, subjects in (("allow", allow), ("deny", deny)) if subjects}


def activation_claims(subject: str, kind: str) -> dict[str, Any]:
    """The exporter's word that one account may import `subject`; `kind` is `service` or `stream`."""
    return {"type": "activation", "subject": subject, "kind": kind}


def credentials(token: str, key: Key) -> str:
    """The text of a `.creds` file, as every NATS client reads it."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n"
        "This file is a secret: whoever holds it is you.\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{key.seed}\n------END USER NKEY SEED------\n"
    )


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
