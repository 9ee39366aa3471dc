"""What is prepared for the containers, on real servers: the NATS cluster, and every service's tables."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg
import httpx
import nats
import pytest
from nats.js.api import StreamConfig

from sluss.deploy.preparing import (
    DATABASE,
    SERVICES,
    Hosts,
    database_urls,
    nodes,
)
from sluss.machine.child import Child
from sluss.machine.database import bring_up_to_date, create_database
from sluss.machine.nats_configuration import NatsNode, nats_configuration
from sluss.machine.ports import free_port
from sluss.machine.postgres import Postgres
from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority


@pytest.mark.slow
async def test_the_three_servers_form_a_cluster_that_survives_the_loss_of_one(tmp_path: Path) -> None:
    """The configurations themselves, on loopback ports instead of container names."""
    authority = Authority(tmp_path / "keys")
    names = [node.name for node in nodes(Hosts(), "secret-of-the-cluster")]
    ports = {(name, kind): free_port() for name in names for kind in ("clients", "monitor", "routes")}
    routes = tuple(f"nats://127.0.0.1:{ports[name, 'routes']}" for name in names)
    servers = {}
    for name in names:
        node = NatsNode(
            name=name,
            listen=f"127.0.0.1:{ports[name, 'clients']}",
            monitor=f"127.0.0.1:{ports[name, 'monitor']}",
            folder=tmp_path / name,
            cluster_listen=f"127.0.0.1:{ports[name, 'routes']}",
            routes=routes,
            route_password="secret-of-the-cluster",
        )
        path = tmp_path / f"{name}.conf"
        path.write_text(nats_configuration(node, authority))
        program = Path(sys.prefix) / "bin" / "nats-server"
        servers[name] = await Child.spawn(name, [program, "-c", path], log=tmp_path / f"{name}.log")
    try:
        creds = str(authority.service_credentials(["referral"])["referral"])
        urls = [f"nats://127.0.0.1:{ports[name, 'clients']}" for name in names]
        client = await nats.connect(urls, user_credentials=creds, max_reconnect_attempts=-1)
        js = client.jetstream(timeout=5)
        await _until_made(js, StreamConfig(name="KEPT", subjects=["kept"], num_replicas=3))
        await Partners(authority, ",".join(urls), replicas=3).add("varby-vardcentral")
        assert (await js.stream_info("OUT_varby-vardcentral")).config.num_replicas == 3
        await js.publish("kept", b"1")
        leader = (await js.stream_info("KEPT")).cluster
        assert leader is not None
        await servers[leader.leader or ""].kill()
        await _until_published(js)
        assert (await js.stream_info("KEPT")).state.messages == 2
        await client.close()
        await _is_refused_as_a_route(names, ports, authority, tmp_path)
    finally:
        for server in servers.values():
            await server.stop()


async def _until_made(js: nats.js.JetStreamContext, config: StreamConfig) -> None:
    """The cluster needs a moment to choose a leader."""

    async with asyncio.timeout(30):
        while True:
            try:
                await js.add_stream(config)
                return
            except (nats.js.errors.Error, nats.errors.Error, TimeoutError):
                await asyncio.sleep(0.2)


async def _until_published(js: nats.js.JetStreamContext) -> None:

    async with asyncio.timeout(30):
        while True:
            try:
                await js.publish("kept", b"2", timeout=1, headers={"Nats-Msg-Id": "the-second"})
                return
            except (nats.js.errors.Error, nats.errors.Error, TimeoutError):
                await asyncio.sleep(0.2)


async def test_a_prepared_database_gets_every_services_tables(
    deployment: Path, own_postgres: Postgres
) -> None:
    """What `migrate` does there, against a real Postgres, with the deployment's own passwords."""
    here = f"@127.0.0.1:{own_postgres.port}/"
    await create_database(own_postgres.url(), DATABASE)
    _, services = database_urls(deployment)
    services = {name: url.replace("@postgres:5432/", here) for name, url in services.items()}
    taken = await bring_up_to_date(own_postgres.url(database=DATABASE), services)
    assert {step.split(" ")[0] for step in taken} == set(SERVICES)
    assert await bring_up_to_date(own_postgres.url(database=DATABASE), services) == []
    connection = await asyncpg.connect(services["referral"])
    assert await connection.fetchval("select count(*) from referral.event") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetchval("select count(*) from navigator.event")
    await connection.close()


async def _is_refused_as_a_route(
    names: list[str], ports: dict[tuple[str, str], int], authority: Authority, folder: Path
) -> None:
    """A server that does not know the password never becomes part of the cluster."""
    stranger = NatsNode(
        name="stranger",
        listen="127.0.0.1:-1",
        monitor=f"127.0.0.1:{(monitor := free_port())}",
        folder=folder / "stranger",
        cluster_listen="127.0.0.1:-1",
        routes=tuple(f"nats://127.0.0.1:{ports[name, 'routes']}" for name in names),
        route_password="a-guess",
    )
    (folder / "stranger.conf").write_text(nats_configuration(stranger, authority))
    program = Path(sys.prefix) / "bin" / "nats-server"
    log = folder / "stranger.log"
    server = await Child.spawn("stranger", [program, "-c", folder / "stranger.conf"], log=log)
    try:
        async with asyncio.timeout(20):
            while "Authorization Violation" not in log.read_text():
                await asyncio.sleep(0.1)
        async with httpx.AsyncClient() as http:
            routes = (await http.get(f"http://127.0.0.1:{monitor}/routez")).json()
        assert routes["num_routes"] == 0
    finally:
        await server.stop()
