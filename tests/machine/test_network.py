"""The network of one machine, with real servers and a stand-in for the services' processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import nats
import psutil
import pytest
import pytest_asyncio

from sluss.front.routes import service_of
from sluss.machine.errors import DataInUse, WouldNotStart
from sluss.machine.network import Network, UnknownService
from sluss.machine.pace import AnotherPace, resume, save
from sluss.machine.run_file import NotRunning, RunFile, running
from sluss.partners.accounts import Partners

STANDIN = Path(__file__).parents[1] / "support" / "standin.py"
SERVICES = {name: (sys.executable, str(STANDIN), name) for name in ("referral", "navigator")}


@asynccontextmanager
async def up(data: Path, **options: object) -> AsyncIterator[tuple[Network, RunFile]]:
    network = Network(data, services=SERVICES, **options)  # type: ignore[arg-type]
    run = await network.start()
    try:
        yield network, run
    finally:
        await network.stop()


@pytest_asyncio.fixture(scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Network, RunFile]]:
    data = tmp_path_factory.mktemp("network")
    async with up(data, replicas={"navigator": 2}, clock_speed=1000.0) as running_network:
        yield running_network


async def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


async def connected(url: str) -> asyncpg.Connection:
    """A connection to a Postgres that may still be starting."""
    async with asyncio.timeout(15):
        while True:
            try:
                return await asyncpg.connect(url)
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.05)


async def may_enter(url: str, credentials: Path) -> bool:
    try:
        client = await nats.connect(url, user_credentials=str(credentials), allow_reconnect=False)
    except (nats.errors.Error, OSError):
        return False
    await client.close()
    return True


async def test_run_json_names_every_process_and_address(net: tuple[Network, RunFile]) -> None:
    network, _ = net
    run = running(network.folder.path)
    assert all(psutil.pid_exists(pid) for pid in run.pids)
    assert [service.service for service in run.services] == ["referral", "navigator", "navigator"]
    connection = await asyncpg.connect(run.postgres.url())
    assert await connection.fetchval("show data_directory") == str(network.folder.postgres)
    await connection.close()
    client = await nats.connect(run.nats.url, user_credentials=str(run.nats.creds["operator"]))
    await client.jetstream().account_info()
    await client.close()
    assert run.clock.speed == 1000


def test_the_longest_path_decides_which_service_answers() -> None:
    table = (("/", "navigator"), ("/refer", "referral"), ("/refer/slots", "provider"))
    owners = [
        service_of(path, table) for path in ("/", "/x", "/refer", "/refer/1", "/refer/slots/2", "/referral")
    ]
    assert owners == ["navigator", "navigator", "referral", "referral", "provider", "navigator"]


async def test_one_address_leads_to_every_replica(net: tuple[Network, RunFile]) -> None:
    _, run = net
    async with httpx.AsyncClient(base_url=run.front) as visitor:
        home = (await visitor.get("/cases/1?filter=a%20b")).json()
        assert (home["service"], home["target"]) == ("navigator", "/cases/1?filter=a%20b")
        posted = (await visitor.post("/cases", content=b"name=Anna")).json()
        assert (posted["method"], posted["target"], posted["body"]) == ("POST", "/cases", "name=Anna")
        pids = {(await visitor.get("/")).json()["pid"] for _ in range(4)}
        assert pids == {service.pid for service in run.services if service.service == "navigator"}


async def test_the_front_does_not_believe_what_visitors_say_about_themselves(
    net: tuple[Network, RunFile],
) -> None:
    _, run = net
    async with httpx.AsyncClient(base_url=run.front) as visitor:
        lies = {"x-forwarded-for": "10.0.0.1", "x-forwarded-proto": "https", "forwarded": "for=10.0.0.1"}
        seen = (await visitor.get("/", headers=lies)).json()["headers"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"
    assert "forwarded" not in seen


async def test_the_front_keeps_no_visitors_cookies(net: tuple[Network, RunFile]) -> None:
    _, run = net
    async with httpx.AsyncClient(base_url=run.front) as first:
        assert dict((await first.get("/")).cookies) == {"a": "1", "b": "2"}
    async with httpx.AsyncClient(base_url=run.front) as second:
        assert "cookie" not in (await second.get("/")).json()["headers"]


async def test_a_live_stream_passes_piece_by_piece_and_ends_with_the_visitor(
    net: tuple[Network, RunFile],
) -> None:
    network, run = net
    async with (
        httpx.AsyncClient(base_url=run.front) as visitor,
        visitor.stream("GET", "/stream", timeout=5) as stream,
    ):
        assert stream.headers["content-type"] == "text/event-stream"
        pieces = stream.aiter_text()
        assert "data: 0" in await anext(pieces)
        await anext(pieces)
    (progress,) = network.folder.ready.glob("*.streaming")

    async def stands_still() -> bool:
        before = progress.read_text()
        await asyncio.sleep(0.3)
        return progress.read_text() == before

    async with asyncio.timeout(5):
        while not await stands_still():
            pass


async def test_the_services_get_their_own_settings_and_no_one_elses(net: tuple[Network, RunFile]) -> None:
    _, run = net
    told = {}
    async with httpx.AsyncClient() as client:
        for service in running(run.data).services:
            told[service.service] = (await client.get(f"{service.http}/")).json()["settings"]
    referral, navigator = told["referral"], told["navigator"]
    assert "SLUSS_REFERRAL_MASTER_KEY" in referral
    assert not [name for name in navigator if "REFERRAL" in name]


async def test_a_service_that_is_killed_comes_back_and_the_front_finds_it(
    net: tuple[Network, RunFile],
) -> None:
    network, run = net
    (referral,) = (service for service in run.services if service.service == "referral")
    os.kill(referral.pid, signal.SIGKILL)

    def back() -> bool:
        (now,) = (s for s in running(network.folder.path).services if s.service == "referral")
        return now.pid != referral.pid and now.http is not None and now.restarts == 1

    await until(back)
    async with httpx.AsyncClient(base_url=run.front) as visitor:
        assert (await visitor.get("/readyz")).json() == {"referral": True, "navigator": True}
        assert (await visitor.get("/metrics")).status_code == 404


async def test_a_dead_replica_is_passed_over_and_a_dead_service_is_said_to_be_back_soon(
    net: tuple[Network, RunFile],
) -> None:
    network, _ = net
    run = running(network.folder.path)
    first, second = (service for service in run.services if service.service == "navigator")
    async with httpx.AsyncClient(base_url=run.front) as visitor:
        os.kill(first.pid, signal.SIGKILL)
        assert (await visitor.get("/")).json()["pid"] == second.pid
        os.kill(second.pid, signal.SIGKILL)
        away = await visitor.get("/")
        assert away.status_code == 503
        assert away.headers["retry-after"] == "2"
        assert "gått förlorat" in away.text

        async def back() -> bool:
            return (await visitor.get("/")).status_code == 200

        async with asyncio.timeout(15):
            while not await back():
                await asyncio.sleep(0.05)


async def test_broker_and_database_come_back_at_their_own_addresses(net: tuple[Network, RunFile]) -> None:
    network, run = net
    credentials = await Partners(network.authority, run.nats.url).add("varby-vardcentral")
    await network.broker.kill()
    shutil.rmtree(network.folder.nats)  # everything the broker knew, the accounts too
    await network.postgres.kill()

    def back() -> bool:
        now = running(network.folder.path)
        return now.nats.pid != run.nats.pid and now.postgres.pid != run.postgres.pid

    await until(back)
    now = running(network.folder.path)
    assert (now.nats.url, now.nats.monitor) == (run.nats.url, run.nats.monitor)
    assert now.postgres.port == run.postgres.port
    await until(lambda: network.postgres.alive and network.broker.alive)
    await (await connected(now.postgres.url())).close()
    async with asyncio.timeout(15):
        while not await may_enter(now.nats.url, credentials):
            await asyncio.sleep(0.1)


async def test_a_second_network_on_the_same_folder_is_refused(net: tuple[Network, RunFile]) -> None:
    network, _ = net
    with pytest.raises(DataInUse, match=f"process {os.getpid()}"):
        await Network(network.folder.path, services=SERVICES).start()
    assert running(network.folder.path).front  # and the first is none the worse


@pytest.mark.slow
async def test_a_second_start_goes_on_where_the_first_was(tmp_path: Path) -> None:
    async with up(tmp_path, clock_speed=1000.0) as (network, before):
        await Partners(network.authority, network.broker.url).add("varby-vardcentral")
        credentials = network.authority.folder / "partners" / "varby-vardcentral.creds"
        partner = await nats.connect(
            before.nats.url, user_credentials=str(credentials), inbox_prefix=b"_INBOX.varby-vardcentral"
        )
        await partner.jetstream().publish("referral.submit", b"kept")
        await partner.close()
        connection = await asyncpg.connect(before.postgres.url())
        await connection.execute("create table kept as select 1 as x")
        await connection.close()
        stopped_at = before.clock.origin + (datetime.now(UTC) - before.clock.origin) * 1000
    with pytest.raises(NotRunning):
        running(tmp_path)
    # The accounts the broker was told about are told again, even if it has forgotten them.
    for token in (tmp_path / "nats" / "accounts").glob("*.jwt"):
        token.unlink()
    async with up(tmp_path) as (_, after):
        assert after.front == before.front
        assert after.nats.url == before.nats.url
        connection = await asyncpg.connect(after.postgres.url())
        assert await connection.fetchval("select x from kept") == 1
        await connection.close()
        partner = await nats.connect(
            after.nats.url, user_credentials=str(credentials), inbox_prefix=b"_INBOX.varby-vardcentral"
        )
        ack = await partner.jetstream().publish("referral.submit", b"more")
        assert ack.seq == 2
        await partner.close()
        shown = after.clock.origin + (datetime.now(UTC) - after.clock.origin) * 1000
        assert stopped_at <= shown < stopped_at + timedelta(hours=6)
    assert not list((tmp_path / "keys").glob("*.new"))


@pytest.mark.slow
async def test_a_service_that_cannot_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    broken = {"navigator": (sys.executable, "-c", "raise SystemExit('SLUSS_NATS_URL is not set')")}
    network = Network(tmp_path, services=broken)
    with pytest.raises(WouldNotStart, match=r"navigator ended before.*SLUSS_NATS_URL is not"):
        await network.start()
    assert not network.broker.alive
    assert not network.postgres.alive
    network.folder.take()  # and the folder is free again
    network.folder.leave()


async def test_replicas_of_a_service_there_is_not_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownService, match="cleaner=2"):
        Network(tmp_path, services=SERVICES, replicas={"cleaner": 2})


async def test_a_leftover_run_json_is_recognised(tmp_path: Path, net: tuple[Network, RunFile]) -> None:
    _, run = net
    run.model_copy(update={"created": run.created - 60}).write(tmp_path / "run.json")
    with pytest.raises(NotRunning, match="leftover"):
        running(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(NotRunning, match="not written by this version"):
        running(tmp_path)


async def test_the_clock_stands_still_while_nothing_runs_and_never_goes_back(tmp_path: Path) -> None:
    kept = tmp_path / "clock.json"
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = resume(kept, 5000.0, start)
    stopped = start + timedelta(hours=1)
    save(kept, first, stopped, clean=True)
    restarted = stopped + timedelta(days=30)
    second = resume(kept, None, restarted)
    assert abs(second.at(restarted) - first.at(stopped)) < timedelta(seconds=1)
    # After a crash it may have run on for a few seconds more than was written down.
    save(kept, first, stopped)
    third = resume(kept, None, restarted)
    assert third.at(restarted) >= first.at(stopped + timedelta(seconds=5))
    with pytest.raises(AnotherPace):
        resume(kept, 1.0, restarted)


@pytest.mark.slow
async def test_partners_come_and_go_by_command_while_the_network_runs(net: tuple[Network, RunFile]) -> None:
    network, run = net
    data = str(network.folder.path)

    async def sluss(*arguments: str) -> tuple[int, str, str]:
        command = (sys.executable, "-m", "sluss.cli", "partner", *arguments, "--data-dir", data)
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
        said, complaint = await process.communicate()
        return process.returncode or 0, said.decode(), complaint.decode()

    async def submit(credentials: Path) -> None:
        client = await nats.connect(
            run.nats.url,
            user_credentials=str(credentials),
            inbox_prefix=b"_INBOX.hogsby-skola",
            allow_reconnect=False,
        )
        try:
            await client.jetstream().publish("referral.submit", b"{}")
        finally:
            await client.close()

    code, said, complaint = await sluss("add", "hogsby-skola")
    credentials = network.folder.keys / "partners" / "hogsby-skola.creds"
    assert (code, str(credentials) in said, run.nats.url in said) == (0, True, True), complaint
    await submit(credentials)
    kept = credentials.with_name("kept.creds")
    kept.write_bytes(credentials.read_bytes())

    assert (await sluss("rotate", "hogsby-skola"))[0] == 0
    await submit(credentials)
    with pytest.raises(nats.errors.Error):
        await submit(kept)

    assert (await sluss("revoke", "hogsby-skola"))[0] == 0
    assert "revoked" in (await sluss("list"))[1]
    code, _, complaint = await sluss("rotate", "hogsby-skola")
    assert (code, "add it again" in complaint, "Traceback" in complaint) == (1, True, False)

    code, _, complaint = await sluss("add", "Högsby Skola")
    assert (code, "small letters" in complaint) == (2, True)
    code, _, complaint = await sluss("revoke", "nobody-knows")
    assert (code, "no access" in complaint) == (1, True)
