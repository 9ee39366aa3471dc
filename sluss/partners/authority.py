"""The operator's keys of one network, kept in a folder only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sluss.partners.tokens import (
    Key,
    Kind,
    account_claims,
    activation_claims,
    credentials,
    operator_claims,
    signed,
    user_claims,
)
from sluss_contracts.subjects import EVERY_INGRESS, EVERY_SUBMISSION

OUR_SERVICES = ("referral", "navigator", "provider", "notify", "console")
_NOT_THEIRS = dict.fromkeys(("navigator", "provider", "notify", "console"), (EVERY_INGRESS,))
"""Subjects a service may neither publish nor hear: submissions carry personal data, for `referral` alone."""

# What CORE offers to partners' accounts. Each is private: only an account that carries an activation for
# the very subject, signed by CORE, may import from it.
_EXPORTS = (
    {"name": "submit", "subject": EVERY_SUBMISSION, "response_type": "Singleton"},
    {"name": "fetch", "subject": "$JS.API.CONSUMER.MSG.NEXT.*.*", "response_type": "Stream"},
    {"name": "acknowledge", "subject": "$JS.ACK.*.*.>", "response_type": "Singleton"},
)


@dataclass(frozen=True)
class _Keys:
    operator: str
    system: str
    core: str


class Authority:
    """Signs every token of one network. The keys are made on first use and stay in `folder` (mode 0700).

    The folder is the network's root secret: who reads it can sign anything. `core` is the account of our
    own services, which owns every stream.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        path = folder / "operator.json"
        if not path.exists():
            made = _Keys(
                operator=Key.new(Kind.OPERATOR).seed,
                system=Key.new(Kind.ACCOUNT).seed,
                core=Key.new(Kind.ACCOUNT).seed,
            )
            write_secret(path, json.dumps(asdict(made)))
        kept = _Keys(**json.loads(path.read_text()))
        self.operator = Key(kept.operator)
        self.system = Key(kept.system)
        self.core = Key(kept.core)

    def operator_token(self) -> str:
        return signed(self.operator, self.operator.public, "sluss", operator_claims(self.system.public))

    def system_token(self) -> str:
        return signed(self.operator, self.system.public, "SYS", account_claims())

    def core_token(self) -> str:
        """The account of our own services: JetStream without limits, and the exports partners import."""
        exports = [{**export, "type": "service", "token_req": True} for export in _EXPORTS]
        claims = account_claims(jetstream=True, exports=exports)
        return signed(self.operator, self.core.public, "CORE", claims)

    def activation(self, account: str, subject: str) -> str:
        """CORE's leave for `account` (a public key) to import the service at `subject`."""
        return signed(self.core, account, subject, activation_claims(subject, "service"))

    def system_credentials(self) -> Path:
        """For account updates; the only user of the system account."""
        return self._credentials("system", self.system)

    def service_credentials(self, names: Iterable[str] = OUR_SERVICES) -> dict[str, Path]:
        """A credentials file in CORE for each of our services, without what is not theirs."""
        return {name: self._credentials(name, self.core) for name in names}

    def _credentials(self, name: str, account: Key) -> Path:
        path = self.folder / f"{name}.creds"
        if not path.exists():
            neither = _NOT_THEIRS.get(name, ()) if account is self.core else ()
            write_secret(path, user_credentials(account, name, neither=neither))
        return path


def user_credentials(
    account: Key,
    name: str,
    *,
    publish: list[str] | None = None,
    subscribe: list[str] | None = None,
    neither: Sequence[str] = (),
) -> str:
    """A new user of an account, as the text of a `.creds` file."""
    key = Key.new(Kind.USER)
    token = signed(
        account, key.public, name, user_claims(publish=publish, subscribe=subscribe, neither=neither)
    )
    return credentials(token, key)


def write_secret(path: Path, text: str) -> None:
    """Writes a file that was never readable by anybody else, whole or not at all."""
    half = path.with_name(f".{path.name}.new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
