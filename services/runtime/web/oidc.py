"""Signing in at the organisation's own sign-in service: OpenID Connect, code flow with PKCE.

`begin` makes the address to go to and what the browser keeps meanwhile: state, nonce and verifier, sealed, in
a cookie of ten minutes. `finish` takes what came back and gives claims that are verified: the state is the
browser's own, the code is exchanged over a connection of ours, the token is signed by the service's keys, for
us, now, and carries the nonce. Everything else is `SignInFailed`, which says nothing to whoever tried.
"""

from __future__ import annotations

import hmac
import json
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import Fernet, InvalidToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from services.runtime.decision import Transient
from services.runtime.web.forms import sealing_key
from services.runtime.web.identity import Claims

LASTS: Final = 600
"""Seconds somebody has at the sign-in service."""
_FRESH: Final = 3600.0
"""Seconds after which the service's own description is read anew."""
_SIGNED_WITH: Final = ("RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512", "EdDSA")
"""Never `none`, and never a key that both sides have."""
_LEEWAY: Final = 60
"""Seconds that two clocks may differ by."""
_PATIENCE: Final = 10.0


class SignInFailed(Exception):
    """What came back cannot be trusted, or says no. The reason is for the log."""


class SignInServiceIsAway(Transient):
    """The sign-in service does not answer, or not as it should."""

    code = "sign_in_service_is_away"


@dataclass(frozen=True)
class OidcSettings:
    """The sign-in service, and who we are to it."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    address: str
    """Where people reach this network: what the sign-in service sends them back to begins with it."""
    trust_email: bool = False
    """Whether addresses are the service's own to give, though it does not say `email_verified`."""

    @property
    def callback(self) -> str:
        """Register this one with the sign-in service, letter by letter."""
        return f"{self.address.rstrip('/')}/login/callback"


@dataclass(frozen=True)
class Begun:
    """Somebody on their way to the sign-in service."""

    address: str
    kept: str
    """For the browser's cookie; without the web secret nobody can read or make one."""


@dataclass(frozen=True)
class Finished:
    """Somebody who has come back."""

    claims: Claims
    next: str
    """The page they wanted."""


class OidcSignIn:
    """One sign-in service."""

    def __init__(self, settings: OidcSettings, secret: bytes) -> None:
        self.settings = settings
        self._sealed = Fernet(sealing_key(secret, b"signing in"))
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: KeySet | None = None
        self._trusted = ssl.create_default_context()  # made once: reading the authorities takes a while

    async def begin(self, next_page: str) -> Begun:
        """The address to go to. Raises `SignInServiceIsAway`."""
        described = await self._description()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "next": next_page}
        return Begun(str(address), self._seal("begun", kept))

    async def finish(self, returned: Mapping[str, str], kept: str | None) -> Finished:
        """Who it is. Raises `SignInFailed`, `SignInServiceIsAway`."""
        begun = self._open("begun", kept)
        if not hmac.compare_digest(returned.get("state", "").encode(), begun["state"].encode()):
            raise SignInFailed("the state is another browser's")
        if returned.get("iss", self.settings.issuer) != self.settings.issuer:  # RFC 9207
            raise SignInFailed("another service answered")
        if "error" in returned or not returned.get("code"):
            raise SignInFailed("the sign-in service said no")
        described = await self._description()
        token = await self._exchange(described, returned["code"], begun["verifier"])
        said = await self._verified(described, token, begun["nonce"])
        if "email" not in said and "userinfo_endpoint" in described:
            said = {**await self._user_info(described, token, said["sub"]), **said}
        return Finished(self._claims(said), begun["next"])

    async def farewell(self) -> str | None:
        """Where one signs out of the sign-in service as well, if it says so (RP-initiated logout)."""
        try:
            where = (await self._description()).get("end_session_endpoint")
        except SignInServiceIsAway:
            return None
        back = {"client_id": self.settings.client_id, "post_logout_redirect_uri": self.settings.address}
        return f"{where}{'&' if '?' in where else '?'}{urlencode(back)}" if where else None

    def keep(self, finished: Finished) -> str:
        """For the browser's cookie, while somebody who may act in several roles chooses one."""
        claims = finished.claims
        who = {"issuer": claims.issuer, "subject": claims.subject, "email": claims.email or ""}
        return self._seal("finished", who | {"next": finished.next})

    def kept(self, kept: str | None) -> Finished:
        """Who it was. Raises `SignInFailed`."""
        who = self._open("finished", kept)
        return Finished(Claims(who["issuer"], who["subject"], who["email"] or None), who["next"])

    def _seal(self, step: str, what: Mapping[str, str]) -> str:
        return self._sealed.encrypt(json.dumps({"step": step, **what}).encode()).decode()

    def _open(self, step: str, kept: str | None) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._sealed.decrypt((kept or "").encode(), ttl=LASTS))
        except InvalidToken:
            found = {}
        if found.get("step") != step:
            raise SignInFailed("it was not begun in this browser, or too long ago")
        return found

    def _client(self) -> Any:
        ours = self.settings
        return AsyncOAuth2Client(
            client_id=ours.client_id,
            client_secret=ours.client_secret.get_secret_value(),
            scope="openid email",
            redirect_uri=ours.callback,
            code_challenge_method="S256",
            timeout=_PATIENCE,
            verify=self._trusted,
        )

    async def _description(self) -> Mapping[str, Any]:
        """What the service says of itself, at most an hour old (OpenID Connect Discovery 1.0)."""
        now = time.monotonic()
        if self._described is None or now - self._described[0] > _FRESH:
            where = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            described = await self._read(where)
            if described.get("issuer") != self.settings.issuer:
                raise SignInServiceIsAway("the sign-in service calls itself by another name")
            self._described, self._keys = (now, described), None
        return self._described[1]

    async def _read(self, address: str, **headers: str) -> Mapping[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=_PATIENCE, verify=self._trusted) as client:
                answer = await client.get(address, headers=headers)
                answer.raise_for_status()
                told: Mapping[str, Any] = answer.json()
                return told
        except (httpx2.HTTPError, ValueError) as trouble:
            raise SignInServiceIsAway(f"{type(trouble).__name__} from the sign-in service") from None

    async def _exchange(self, described: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        try:
            async with self._client() as client:
                token: Mapping[str, Any] = await client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=verifier
                )
                return token
        except OAuthError as refused:
            raise SignInFailed(f"the code was not taken: {refused.error}") from None
        except (httpx2.HTTPError, ValueError) as trouble:
            raise SignInServiceIsAway(f"{type(trouble).__name__} from the sign-in service") from None

    async def _verified(
        self, described: Mapping[str, Any], token: Mapping[str, Any], nonce: str
    ) -> Mapping[str, Any]:
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise SignInFailed("there is no id token")
        known = self._keys is not None
        keys = self._keys or await self._fetch_keys(described)
        try:
            signed = jwt.decode(raw, keys, algorithms=_SIGNED_WITH)
        except (JoseError, ValueError):
            if not known:
                raise SignInFailed("the id token is not signed by the sign-in service") from None
            self._keys = None  # perhaps it has new keys
            return await self._verified(described, token, nonce)
        ours = self.settings
        wanted: Any = {
            "iss": {"essential": True, "value": ours.issuer},
            "aud": {"essential": True, "value": ours.client_id},
        }
        beside = {"nonce": nonce, "client_id": ours.client_id, "access_token": token.get("access_token")}
        said = CodeIDToken(signed.claims, signed.header, wanted, beside)
        try:
            said.validate(leeway=_LEEWAY)
        except JoseError as wrong:
            raise SignInFailed(f"the id token does not hold: {wrong.error}") from None
        return dict(said)

    async def _fetch_keys(self, described: Mapping[str, Any]) -> KeySet:
        try:
            self._keys = KeySet.import_key_set(await self._read(described["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, KeyError, ValueError):
            raise SignInServiceIsAway("the sign-in service's keys cannot be read") from None
        return self._keys

    async def _user_info(
        self, described: Mapping[str, Any], token: Mapping[str, Any], subject: str
    ) -> Mapping[str, Any]:
        bearer = f"Bearer {token.get('access_token', '')}"
        told = await self._read(described["userinfo_endpoint"], Authorization=bearer)
        if told.get("sub") != subject:
            raise SignInFailed("the sign-in service speaks of two people")
        return told

    def _claims(self, said: Mapping[str, Any]) -> Claims:
        email = said.get("email")
        vouched = said.get("email_verified") is True or self.settings.trust_email
        named = isinstance(email, str) and vouched
        return Claims(self.settings.issuer, str(said["sub"]), str(email).lower() if named else None)
