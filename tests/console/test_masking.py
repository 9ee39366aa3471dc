"""What is masked is kept nowhere in the console, found by no search, and seen only for a reason that
stands in two logs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import orjson
import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from services.console.log.entry import token_of
from services.console.log.finding import Wanted, newest
from services.console.masking import disclose, masked_fields, rules_of, searchable
from services.navigator.app import service as navigator
from services.referral.app import service as referral
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.referral.vault.safe import vault
from services.runtime.calls import Network
from services.runtime.clock import NetworkClock, SetClock
from services.runtime.database import open_pool
from services.runtime.tending.tending import Tending
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer, Command
from sluss_contracts.event import FACTS, Audience, DataClass
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import slot_of, tending_subject
from tests.referral.office import MONDAY, Office
from tests.support.console import Record, browsing, sign_in, token_in
from tests.support.desk import desk, schema_of
from tests.support.servers import BrokerAccess

WHO = "8b20bfe4-658a-471d-b8d9-87a9e2fc91df"
SAID = sorted(name for name, fact in FACTS.items() if fact.AUDIENCE is not Audience.INGRESS)


def leaves(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for one in value.values():
                yield from leaves(one)
        case list():
            for one in value:
                yield from leaves(one)
        case _:
            yield str(value)


def masked_values(type_: str, data: dict[str, Any]) -> set[str]:
    """Every value of a payload that operators do not see, unless the same is shown elsewhere in it."""
    shown = disclose(type_, data)
    return set(leaves(data)) - set(leaves(shown))


def test_whatever_tells_of_a_person_is_masked() -> None:
    telling = re.compile(
        r"(^|\.)(needs?|barriers?|scores|answers|language|requested_gender|protection|guardian_rule|reason|words|text"
        r"|alias|host|name|phone|email|contact|interests|lonely_for|goals\.words|turn_to|identity_number|born)($|\.)"
    )
    for name, fact in FACTS.items():
        if fact.DATA_CLASS in (DataClass.PUBLIC, DataClass.STAFF):
            continue
        for path, kind in _flat(rules_of(name)):
            assert not (telling.search(path) and kind), f"{name} shows {path}"


def test_names_and_contact_ways_of_staff_are_masked() -> None:
    assert disclose("linkworker.registered.v1", {"worker": "aida", "name": "Aida Ek"}) == {
        "worker": "aida",
        "name": None,
    }


def test_what_no_contract_knows_is_masked() -> None:
    assert disclose("case.assigned.v1", {"worker": "aida", "new_field": "x"}) == {
        "worker": "aida",
        "new_field": None,
    }
    assert disclose("nothing.known.v1", {"a": 1, "b": {"c": 2}}) == {"a": None, "b": None}
    assert disclose("plan.agreed.v1", {"goals": "not a list of goals"}) == {"goals": None}


def test_the_places_of_what_is_masked_are_told() -> None:
    shown = disclose("plan.agreed.v1", {"version": 1, "goals": [{"goal_id": "g", "words": "w"}]})
    assert list(masked_fields(shown)) == ["goals[0].words"]


def test_no_masked_field_of_anything_about_a_person_can_be_looked_for() -> None:
    shown = {
        path
        for fact in FACTS.values()
        for path, kind in _flat(rules_of(fact.TYPE))
        if kind and "." not in path
    }
    assert searchable() <= shown


async def test_nothing_masked_is_in_any_table_of_the_console(record: Record) -> None:
    secrets: set[str] = set()
    for name in SAID:
        await record.say(name.removeprefix("sluss.").removesuffix(".v1"))
        if FACTS[name].DATA_CLASS in (DataClass.PSEUDONYMOUS, DataClass.PERSONAL):
            secrets |= {
                value
                for value in masked_values(name, example_of(name)["data"])
                if len(value) > 12 and "-" in value
            }
    await record.gather()
    assert len(secrets) > 5
    kept = ""
    for table in ("log", "log_field", "audit", "unmasked"):
        kept += str(await record.admin.fetch(f"select t::text from console.{table} t"))
    kept += str([row.entry for row in await newest(record.engine, Wanted(), most=1000)])
    assert not {secret for secret in secrets if secret in kept}


async def test_looking_for_a_masked_value_finds_nothing_by_any_way(record: Record) -> None:
    await record.say("referral.submitted", referral_id="ref-1", needs=["grief"], requested_gender="woman")
    await record.gather()
    for name, value in (("needs", "grief"), ("requested_gender", "woman"), ("reason", "6f3d943c")):
        assert await newest(record.engine, Wanted(fields=((name, value),))) == []
        tokens = await record.admin.fetchval(
            "select count(*) from console.log_field where token = $1", token_of(name, value)
        )
        assert tokens == 0
    async with browsing(record) as browser:
        everything = (await browser.get("/console")).text + (await browser.get("/console/story/ref-1")).text
        everything += (await browser.get("/console/story/ref-1/bundle.json")).text
        for path in ("/console?outcome=grief", "/console/story?id=grief", "/console?field=needs=grief"):
            assert "ref-1" not in (await browser.get(path)).text
        assert "grief" not in everything


class Vault:
    """The way to the vault: the referral service itself, on its own database."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.away = False

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.away:
            from services.runtime.network import NobodyAnswers

            raise NobodyAnswers("the referral service is not running")
        said = command.model_dump(exclude={"command_id", "actor"})
        return await self.office.ask(type(command), command.actor, **said)


@pytest_asyncio.fixture
async def keeper(postgres_server: Postgres) -> AsyncIterator[Vault]:
    vault.unlock(MasterKey(os.urandom(32)), IdentityKey(os.urandom(32)))
    clock = SetClock(MONDAY)
    async with desk(await schema_of(postgres_server, referral), referral, clock) as here:
        yield Vault(Office(here.pool, clock))


async def _unmask(browser: httpx.AsyncClient, address: str, **given: str) -> httpx.Response:
    token = (await browser.get(address)).text.split('name="form_token" value="')[1].split('"')[0]
    return await browser.post(f"{address}/unmask", data={"form_token": token, **given})


WHY = {"purpose": "fault_finding", "note": "the offer came back without a reason"}


async def test_a_masked_field_is_seen_for_a_reason_a_while_and_by_oneself(
    record: Record, keeper: Vault
) -> None:
    said = await record.say("case.need_unmet", referral_id="ref-1", need="grief")
    about = await record.say("referral.submitted", referral_id="ref-1", person=WHO, needs=["grief"])
    await record.gather()
    async with browsing(record, network=cast(Network, keeper)) as browser:
        address = f"/console/events/{about}"
        assert "grief" not in (await browser.get(address)).text
        for missing in (
            {"purpose": "fault_finding"},
            {"note": WHY["note"]},
            {"purpose": "curiosity", "note": WHY["note"]},
        ):
            refused = await _unmask(browser, address, place="needs", **missing)
            assert refused.status_code == 422
            assert "Choose what for" in refused.text
        assert await record.admin.fetchval("select count(*) from console.audit") == 0

        assert (await _unmask(browser, address, place="needs", **WHY)).status_code == 303
        page = (await browser.get(address)).text
        assert "grief" in page
        assert page.count("<option>needs</option>") == 0
        assert "<option>reason</option>" in page  # one field, not all
        assert "grief" not in (await browser.get(f"/console/events/{said}")).text  # one event, not all
        assert "grief" not in (await browser.get("/console/story/ref-1")).text
        assert "grief" not in (await browser.get("/console/story/ref-1/bundle.json")).text

        listed = (await browser.get("/console/audit")).text
        assert WHY["note"] in listed
        assert "grief" not in listed

        # Somebody else does not see it.
        await record.admin.execute("update console.unmasked set actor = 'somebody-else'")
        assert "grief" not in (await browser.get(address)).text
        # A quarter of an hour later nobody does.
        until = await record.admin.fetchval(
            "update console.unmasked set actor = 'demo-operator' returning until"
        )
        assert timedelta(minutes=14) < until - datetime.now(UTC) <= timedelta(minutes=15)
        assert "grief" in (await browser.get(address)).text
        await record.admin.execute("update console.unmasked set until = now()")
        assert "grief" not in (await browser.get(address)).text

    (deed, *_) = await record.admin.fetch("select * from console.audit where what = 'unmasked'")
    assert (deed["actor"], deed["event_id"], deed["about"], deed["purpose"]) == (
        "demo-operator",
        about,
        "ref-1",
        "fault_finding",
    )
    assert json.loads(deed["details"])["place"] == "needs"
    (look,) = await keeper.office.pool.fetch("select * from access")
    assert (look["actor"], look["role"], str(look["person"]), look["referral_id"], look["action"]) == (
        "demo-operator",
        "operator",
        WHO,
        "ref-1",
        "read_masked",
    )


async def test_nothing_is_shown_that_the_vault_has_not_written_down(record: Record, keeper: Vault) -> None:
    about = await record.say("referral.submitted", referral_id="ref-1", person=WHO, needs=["grief"])
    await record.gather()
    keeper.away = True
    async with browsing(record, network=cast(Network, keeper)) as browser:
        refused = await _unmask(browser, f"/console/events/{about}", place="needs", **WHY)
        assert refused.status_code == 422
        assert "The vault did not write it" in refused.text
        assert "grief" not in (await browser.get(f"/console/events/{about}")).text
    assert await record.admin.fetchval("select count(*) from console.unmasked") == 0


@pytest.mark.parametrize("place", ["organisation", "no_such_field", "goals[0].words", "needs; drop"])
async def test_what_is_not_masked_cannot_be_unmasked(record: Record, keeper: Vault, place: str) -> None:
    about = await record.say("referral.submitted", referral_id="ref-1", person=WHO)
    await record.gather()
    async with browsing(record, network=cast(Network, keeper)) as browser:
        assert (await _unmask(browser, f"/console/events/{about}", place=place, **WHY)).status_code == 404


async def test_one_field_of_a_dead_letter_is_seen_for_a_while_and_stands_in_the_access_log(
    record: Record, keeper: Vault, broker: BrokerAccess
) -> None:
    """From the form, over the bus, through the service whose letter it is, to the vault and back."""
    event = example_of("sluss.referral.accepted.v1")
    event["data"] |= {"referral_id": "ref-1", "person": WHO, "needs": ["grief"], "shoe_size": "forty-four"}
    number = await record.admin.fetchval(
        "insert into navigator.dead_letter (event_id, key, subject, body, code, reason) "
        "values ($1, 'ref-1', $2, $3, 'unreadable', 'it broke') returning number",
        *(uuid4(), f"sluss.evt.{slot_of('ref-1')}.referral.accepted.v1.ref-1", orjson.dumps(event)),
    )
    client = await broker.connect()
    owner = await open_pool(record.admin_url, "navigator", 2)
    tending = Tending(navigator, owner, NetworkClock(), cast(Network, keeper))

    async def tend(message: Msg) -> None:
        await message.respond((await tending.answer(message.data)).model_dump_json().encode())

    await client.subscribe(tending_subject("navigator"), cb=tend)
    address = f"/console/deadletters/navigator/{number}"
    async with browsing(record, client=client) as browser:
        page = (await browser.get(address)).text
        assert "grief" not in page
        form = token_in(page) | {"place": "needs", "purpose": "incident", "note": WHY["note"]}
        shown = await browser.post(f"{address}/unmask", data=form)
        assert shown.status_code == 303
        page = (await browser.get(address)).text
        assert "grief" in page
        assert "forty-four" not in page  # one field, not all
        assert "<option>needs" not in page
        listed = (await browser.get("/console/audit")).text
        assert WHY["note"] in listed
        assert "grief" not in listed
        for other in ("/console/deadletters", "/console/deadletters/navigator?code=unreadable"):
            assert "grief" not in (await browser.get(other)).text
        # By oneself: the other operator of the demonstration does not see it.
        await sign_in(browser, "demo-operator-2")
        assert "grief" not in (await browser.get(address)).text
    (look,) = await keeper.office.pool.fetch("select * from access")
    assert (look["actor"], str(look["person"]), look["referral_id"], look["action"]) == (
        "demo-operator",
        WHO,
        "ref-1",
        "read_masked",
    )
    owner.terminate()


def test_the_console_logs_no_payload() -> None:
    for path in (Path(__file__).parents[2] / "services" / "console").rglob("*.py"):
        for call in re.findall(r"log\.(?:info|warning|error|critical)\(([^)]*)\)", path.read_text()):
            assert not re.search(r"shown|body|data|entry", call), path


def _flat(rules: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, rule in rules.items():
        if rule.inside:
            yield from _flat(rule.inside, f"{before}{name}.")
        else:
            yield f"{before}{name}", rule.kind
