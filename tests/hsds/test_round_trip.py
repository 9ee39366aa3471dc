"""What the standard publishes goes in and comes out again, field by field, with nothing lost."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from services.provider.hsds.shapes import for_everybody, one_to_one
from sluss_contracts.activity import ActivityPublished
from sluss_contracts.commands.provider import PublishActivity
from tests.hsds.bringing_in import bring_in, written_out
from tests.support.calendar import Town, tell_a_small_town
from tests.support.hsds import ORGANIZATION, PLACE, SERVICE, TERM, assert_valid, example


async def _told(program: httpx.AsyncClient, path: str) -> Any:
    answer = await program.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_service_comes_out_as_it_went_in(town: Town, program: httpx.AsyncClient) -> None:
    wanted = example("service_full")
    came = await bring_in(town, wanted)
    assert came.counts == {"new": 2}, "the service, and who runs it"
    (service,) = await written_out(town, "services")
    assert service == wanted
    assert_valid("service", service)
    told = await _told(program, f"/services/{SERVICE}")
    assert told == for_everybody(wanted)
    assert "Ann Persona" not in str(told), "whom to turn to is not told to everybody"
    assert_valid("service", told)
    (page,) = (await _told(program, "/services"))["contents"]
    assert page == for_everybody(example("service_list")["contents"][0])


async def test_an_organization_comes_out_with_what_it_runs(town: Town, program: httpx.AsyncClient) -> None:
    wanted = example("organization_full")
    assert (await bring_in(town, wanted)).counts == {"new": 2}
    told = await _told(program, f"/organizations/{ORGANIZATION}")
    assert told == for_everybody(wanted)
    assert_valid("organization", told)
    (organization,) = await written_out(town, "organizations")
    assert organization == {name: value for name, value in wanted.items() if name != "services"}
    (service,) = await written_out(town, "services")
    assert {**service, "organization": None} == {**wanted["services"][0], "organization": None}


async def test_a_service_at_a_location_comes_out_with_its_service(
    town: Town, program: httpx.AsyncClient
) -> None:
    wanted = example("service_at_location_full")
    assert (await bring_in(town, wanted)).counts == {"new": 2}
    told = await _told(program, f"/service_at_locations/{PLACE}")
    assert told == for_everybody(wanted)
    assert_valid("service_at_location", told)


async def test_lists_and_terms_come_out_as_they_went_in(town: Town, program: httpx.AsyncClient) -> None:
    (service,), (term,) = example("service_list")["contents"], example("taxonomy_term_list")["contents"]
    (organization,) = example("organization_list")["contents"]
    for page in ("organization_list", "service_list", "taxonomy_term_list"):
        came = await bring_in(town, text=_written(example(page)))
        assert "faulty" not in came.counts
    assert (await _told(program, "/services"))["contents"] == [for_everybody(service)]
    assert (await _told(program, "/organizations"))["contents"] == [organization]
    assert await _told(program, f"/taxonomy_terms/{TERM}") == term
    detail = term["taxonomy_detail"]
    assert await _told(program, f"/taxonomies/{detail['id']}") == detail
    others = await written_out(town, "taxonomy_terms")
    assert term in others


async def test_all_examples_together_lose_nothing_of_each_other(
    town: Town, program: httpx.AsyncClient
) -> None:
    for name in ("service_full", "organization_full", "service_at_location_full"):
        await bring_in(town, example(name))
    for name in ("service_list", "organization_list"):
        await bring_in(town, text=_written(example(name)))
    assert await written_out(town, "services") == [
        {**example("service_full"), "organization": _without_services(example("organization_full"))}
    ]


async def test_what_began_here_comes_back_unchanged_and_goes_into_another_town_whole(town: Town) -> None:
    await tell_a_small_town(town)
    services, organizations = await written_out(town, "services"), await written_out(town, "organizations")
    for each in services:
        assert_valid("service", each)
    again = await bring_in(town, *organizations, *services)
    assert set(again.counts) == {"unchanged"}
    assert again.sent == []


async def test_what_is_written_out_is_brought_into_an_empty_town_as_it_was(town: Town) -> None:
    await tell_a_small_town(town)
    organizations, services = await written_out(town, "organizations"), await written_out(town, "services")
    published = await town.desk.said(ActivityPublished)
    await _forget(town)
    came = await bring_in(town, *organizations, *services)
    assert came.counts == {"new": len(organizations) + len(services)}
    assert _bare(await written_out(town, "services")) == _bare(services)
    again = {each.title: each for each in await town.desk.said(ActivityPublished)}
    names = {"activity", "provider", "at", "ask_again", "by"}
    shown = {each["name"] for each in services}
    for each in published:
        if each.title in shown:
            assert again[each.title].model_dump(exclude=names) == each.model_dump(exclude=names)


async def test_what_is_changed_here_is_written_over_what_was_carried(
    town: Town, program: httpx.AsyncClient
) -> None:
    await bring_in(town, example("service_full"))
    (published,) = await town.desk.said(ActivityPublished)
    said = published.model_dump(exclude={"by", "at", "ask_again"}) | {"title": "Samtal", "capacity": 4}
    await town.do(PublishActivity, **said)
    (service,) = await written_out(town, "services")
    assert service["name"] == "Samtal"
    assert service["last_modified"] != example("service_full")["last_modified"]
    assert one_to_one(service).keys() == one_to_one(example("service_full")).keys()
    assert_valid("service", service)
    assert service["phones"] == example("service_full")["phones"]


@pytest.mark.parametrize("what", ["organizations", "services", "taxonomies", "taxonomy_terms"])
async def test_the_export_without_names_is_what_the_api_tells(town: Town, what: str) -> None:
    await bring_in(town, example("service_full"))
    assert await written_out(town, what, public=True) == for_everybody(await written_out(town, what))


def _without_services(organization: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in organization.items() if name != "services"}


def _bare(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bare = [{name: value for name, value in each.items() if name != "last_modified"} for each in services]
    return sorted(bare, key=lambda each: str(each["id"]))


def _written(document: Any) -> bytes:
    return orjson.dumps(document)


async def _forget(town: Town) -> None:
    tables = await town.desk.pool.fetch(
        "select tablename from pg_tables where schemaname = current_schema()"
        " and tablename not like 'migrated%'"
    )
    for each in tables:
        await town.desk.pool.execute(f'delete from "{each["tablename"]}"')
