"""The configuration of a nats-server: accounts by signed tokens, every write on disk before its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import PurePath

from sluss.partners.authority import Authority

MAX_PAYLOAD = 1024 * 1024
"""Bytes. The server itself refuses anything larger, whoever sends it."""


_ROUTE = "route"


@dataclass(frozen=True)
class NatsNode:
    """One server. `cluster` lists the other nodes' route addresses; empty for a server of its own."""

    name: str
    listen: str
    monitor: str
    folder: PurePath
    """Holds JetStream's store and the accounts the server has been told about."""
    ports_file: bool = False
    """Whether the server writes the ports it got into `folder`."""
    cluster_listen: str = ""
    routes: tuple[str, ...] = field(default=())
    route_password: str = ""
    """What the servers of a cluster tell each other by; URL-safe. Whoever else connects there is refused."""

    @property
    def store(self) -> PurePath:
        return self.folder / "jetstream"


def nats_configuration(node: NatsNode, authority: Authority) -> str:
    """The text of `nats.conf`: signed tokens and public keys, and of secrets the routes' password alone."""
    preload = {
        authority.system.public: authority.system_token(),
        authority.core.public: authority.core_token(),
    }
    tokens = "\n".join(f"  {account}: {token}" for account, token in preload.items())
    parts = [
        f"server_name: {node.name}",
        f'listen: "{node.listen}"',
        f'http: "{node.monitor}"',
        f"max_payload: {MAX_PAYLOAD}",
        f"operator: {authority.operator_token()}",
        f"system_account: {authority.system.public}",
        f"jetstream {{\n  store_dir: {_quoted(node.store)}\n  sync_interval: always\n}}",
        f"resolver {{\n  type: full\n  dir: {_quoted(node.folder / 'accounts')}\n"
        '  allow_delete: true\n  interval: "2m"\n}',
        f"resolver_preload {{\n{tokens}\n}}",
    ]
    if node.ports_file:
        parts.append(f"ports_file_dir: {_quoted(node.folder)}")
    if node.routes:
        if not node.route_password:
            raise ValueError(f"{node.name} has routes to others and no password for them")
        named = (
            route.replace("nats://", f"nats://{_ROUTE}:{node.route_password}@", 1) for route in node.routes
        )
        routes = "\n".join(f'    "{route}"' for route in named)
        allowed = f'authorization {{ user: {_ROUTE}, password: "{node.route_password}" }}'
        parts.append(
            f'cluster {{\n  name: sluss\n  listen: "{node.cluster_listen}"\n  {allowed}\n'
            f"  routes: [\n{routes}\n  ]\n}}"
        )
    return "\n".join(parts) + "\n"


def _quoted(path: PurePath) -> str:
    return json.dumps(str(path))
