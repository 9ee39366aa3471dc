"""One NATS account per organisation: added, rotated and revoked while the broker runs.

An account sees nothing but what it imports, and only the operator can sign imports. An organisation's holds
three: the subject it submits on (stored as `sluss.in.<org>.submit`, so the server stamps who sent it), the
pull on its own durable consumer, and the acknowledgements of that consumer.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import nats
from nats.aio.client import Client

from services.runtime.partner_streams import PARTNER_CONSUMER, declare_partner_streams
from sluss.partners.authority import Authority, write_secret
from sluss.partners.claims import publish_account
from sluss.partners.tokens import Key, Kind, account_claims, credentials, signed, user_claims
from sluss_contracts.subjects import SUBMIT, outgoing_stream, submission_subject, token

_CONNECTIONS = 20
_SUBSCRIPTIONS = 200


class NotAPartner(Exception):
    """No credentials were ever issued to this organisation, or they have been revoked."""

    code = "not_a_partner"


@dataclass(frozen=True)
class Partner:
    """What is kept of one organisation's access. `account` is a secret seed."""

    organisation: str
    account: str = field(repr=False)
    user: str
    since: int
    revoked: int | None = None
    revocations: dict[str, int] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.revoked is None


def fetch_subject(organisation: str) -> str:
    """Where a NATS client library asks for the next messages of the organisation's durable."""
    return f"$JS.API.CONSUMER.MSG.NEXT.{outgoing_stream(organisation)}.{PARTNER_CONSUMER}"


def acknowledge_subject(organisation: str) -> str:
    """Where a NATS client library acknowledges what it fetched."""
    return f"$JS.ACK.{outgoing_stream(organisation)}.{PARTNER_CONSUMER}.>"


def inbox_prefix(organisation: str) -> str:
    """The only subjects an organisation may listen on are below this prefix."""
    return f"_INBOX.{token(organisation)}"


class Partners:
    """The organisations that may talk to one broker.

    Every change is written down before the broker is told, so a change the broker missed is made good by
    `republish`, which the network does at every start.
    """

    def __init__(self, authority: Authority, broker_url: str, *, replicas: int = 1) -> None:
        self._authority = authority
        self.broker_url = broker_url
        self._replicas = replicas
        self._folder = authority.folder / "partners"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def all(self) -> list[Partner]:
        """Every organisation that ever had access, revoked ones included, by name."""
        return [_read(path) for path in sorted(self._folder.glob("*.json"))]

    def get(self, organisation: str) -> Partner:
        """Raises `NotAPartner`."""
        path = self._record(organisation)
        if not path.exists():
            raise NotAPartner(f"{organisation} has no access to the broker")
        return _read(path)

    def credentials_file(self, organisation: str) -> Path:
        return self._folder / f"{token(organisation)}.creds"

    async def add(self, organisation: str) -> Path:
        """Gives access and returns the credentials file. Adding again returns the same file."""
        try:
            known = self.get(organisation)
        except NotAPartner:
            known = None
        if known is None or not known.active:
            # A fresh account: whatever the revoked one held stays void for ever.
            account = Key.new(Kind.ACCOUNT)
            known = self._issue(Partner(organisation, account.seed, user="", since=int(time.time())))
        await self._publish([known])
        async with self._core() as core:
            await declare_partner_streams(core.jetstream(), organisation, replicas=self._replicas)
        return self.credentials_file(organisation)

    async def rotate(self, organisation: str) -> Path:
        """New credentials; whoever is connected with the old ones is cut off at once."""
        held = self._active(organisation)
        revocations = {**held.revocations, held.user: int(time.time())}
        await self._publish([self._issue(replace(held, revocations=revocations))])
        return self.credentials_file(organisation)

    async def revoke(self, organisation: str) -> None:
        """Ends access and open connections. What the organisation submitted, and its feedback, stay."""
        held = self._active(organisation)
        ended = replace(held, revoked=int(time.time()))
        self._write(ended)
        self.credentials_file(organisation).unlink(missing_ok=True)
        await self._publish([ended])

    async def republish(self) -> None:
        """Tells the broker about every account anew, and declares the streams of those with access."""
        partners = self.all()
        await self._publish(partners)
        async with self._core() as core:
            for partner in partners:
                if partner.active:
                    await declare_partner_streams(
                        core.jetstream(), partner.organisation, replicas=self._replicas
                    )

    def _active(self, organisation: str) -> Partner:
        held = self.get(organisation)
        if not held.active:
            raise NotAPartner(f"{organisation}'s access was revoked; add it again to give it new access")
        return held

    def _issue(self, partner: Partner) -> Partner:
        organisation = partner.organisation
        user = Key.new(Kind.USER)
        claims = user_claims(
            publish=[SUBMIT, fetch_subject(organisation), acknowledge_subject(organisation)],
            subscribe=[f"{inbox_prefix(organisation)}.>"],
        )
        issued = replace(partner, user=user.public)
        self._write(issued)
        text = credentials(signed(Key(partner.account), user.public, organisation, claims), user)
        write_secret(self.credentials_file(organisation), text)
        return issued

    def _account_token(self, partner: Partner) -> str:
        authority = self._authority
        key = Key(partner.account)
        organisation = partner.organisation
        if not partner.active:
            void = account_claims(connections=0, revocations={"*": partner.revoked or 0})
            return signed(authority.operator, key.public, organisation, void)
        imports = [
            {
                "name": name,
                "type": "service",
                "account": authority.core.public,
                "subject": subject,
                "local_subject": local,
                "token": authority.activation(key.public, subject),
            }
            for name, subject, local in (
                ("submit", submission_subject(organisation), SUBMIT),
                ("fetch", fetch_subject(organisation), fetch_subject(organisation)),
                ("acknowledge", acknowledge_subject(organisation), acknowledge_subject(organisation)),
            )
        ]
        claims = account_claims(
            connections=_CONNECTIONS,
            subscriptions=_SUBSCRIPTIONS,
            imports=imports,
            revocations=partner.revocations,
        )
        return signed(authority.operator, key.public, organisation, claims)

    async def _publish(self, partners: list[Partner]) -> None:
        async with _connected(self.broker_url, self._authority.system_credentials()) as system:
            for partner in partners:
                await publish_account(system, self._account_token(partner))

    @asynccontextmanager
    async def _core(self) -> AsyncIterator[Client]:
        creds = self._authority.service_credentials(["operator"])["operator"]
        async with _connected(self.broker_url, creds) as core:
            yield core

    def _record(self, organisation: str) -> Path:
        return self._folder / f"{token(organisation)}.json"

    def _write(self, partner: Partner) -> None:
        write_secret(self._record(partner.organisation), json.dumps(asdict(partner)))


@asynccontextmanager
async def _connected(url: str, creds: Path) -> AsyncIterator[Client]:
    async def quiet(_: Exception) -> None:
        """nats-py prints a trace for each failed attempt otherwise; the last one is raised anyway."""

    client = await nats.connect(
        url.split(","), user_credentials=str(creds), connect_timeout=5, allow_reconnect=False, error_cb=quiet
    )
    try:
        yield client
    finally:
        await client.close()


def _read(path: Path) -> Partner:
    return Partner(**json.loads(path.read_text()))
