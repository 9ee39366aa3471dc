"""The read API: paths, pages, wishes and errors as the standard has them, without login."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.provider.hsds.ids import id_of
from services.provider.hsds.words import INTEREST, NEED
from services.provider.web.hsds import hsds_pages
from services.provider.web.hsds_openapi import PATHS, api_document
from services.runtime.web import build_web
from services.runtime.web.pace import Pace
from sluss_contracts.commands.provider import ProposeActivity
from tests.support.calendar import Town, offer
from tests.support.hsds import assert_valid
from tests.support.pages import SECRET

WALKING_FOOTBALL = id_of("activity", "gafotboll")
KORPEN = id_of("provider", "korpen")
TELLS_NOTHING = ("0b8f1b9e-5b7b-4a51-9f5e-0d4d1d9b6c01", "nobody", "%00", "..%2f..")


async def told(program: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    answer = await program.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    return answer.json()


async def test_every_answer_keeps_to_the_standards_schemas(program: httpx.AsyncClient) -> None:
    for path, schema in (
        ("services", "service"),
        ("organizations", "organization"),
        ("service_at_locations", "service_at_location"),
    ):
        page = await told(program, f"/{path}", full="true", per_page=100)
        assert page["contents"], path
        for each in page["contents"]:
            assert_valid(schema, each)
            assert_valid(schema, await told(program, f"/{path}/{each['id']}"))
        for each in (await told(program, f"/{path}", per_page=100))["contents"]:
            if path != "service_at_locations":  # the standard publishes no schema for these
                assert_valid(f"{schema}_list", each)


async def test_a_service_tells_what_the_calendar_tells(program: httpx.AsyncClient) -> None:
    service = await told(program, f"/services/{WALKING_FOOTBALL}")
    assert service["name"] == "Gåfotboll"
    assert service["organization"]["name"] == "Korpen Norrköping"
    assert service["minimum_age"] == 60
    (price,) = service["cost_options"]
    assert (price["amount"], price["currency"], price["option"]) == (50, "SEK", "term")
    (place,) = service["service_at_locations"]
    assert place["location"]["name"] == "Folkparken"
    words = {
        (each["taxonomy_term"]["taxonomy"], each["taxonomy_term"]["code"]) for each in service["attributes"]
    }
    assert {
        ("sluss-interest", "football"),
        ("sluss-category", "exercise"),
        ("sluss-access", "bus_near"),
    } <= words
    assert "contacts" not in str(service)


async def test_pages_have_the_standards_envelope(program: httpx.AsyncClient) -> None:
    all_ = await told(program, "/services", per_page=100)
    seen = []
    for number in range(1, 100):
        page = await told(program, "/services", per_page=5, page=number)
        assert (page["total_items"], page["page_number"]) == (all_["total_items"], number)
        assert page["size"] == len(page["contents"])
        assert page["first_page"] is (number == 1)
        seen += [each["id"] for each in page["contents"]]
        if page["last_page"]:
            break
    assert seen == [each["id"] for each in all_["contents"]]
    beyond = await told(program, "/services", page=1000)
    assert beyond["empty"]
    assert beyond["contents"] == []
    minimal = await told(program, "/services", minimal="true")
    assert [each["id"] for each in minimal["contents"]] == seen
    assert set(minimal["contents"][0]) == {"id", "modified_date"}


async def test_wishes_narrow_it_down(program: httpx.AsyncClient) -> None:
    async def names(**asked: Any) -> set[str]:
        page = await told(program, "/services", per_page=100, **asked)
        return {each["name"] for each in page["contents"]}

    assert await names(search="gångtakt") == {"Gåfotboll"}
    assert await names(search="gåf korpen") == {"Gåfotboll"}, "each word, also of who runs it"
    assert await names(taxonomy_term_id=INTEREST.term("football")["id"]) == {"Gåfotboll"}
    assert await names(taxonomy_id=NEED.id) == await names()
    assert await names(taxonomy_id=KORPEN) == set(), "no taxonomy at all"
    assert "Gåfotboll" in await names(organization_id=KORPEN)
    assert "Kör för alla röster" not in await names(organization_id=KORPEN)
    assert await names(modified_after="2199-01-01") == set()
    assert await names(modified_after="2020-01-01T00:00:00Z") == await names()
    places = await told(program, "/service_at_locations", organization_id=KORPEN, search="gåfotboll")
    assert [each["service"]["name"] for each in places["contents"]] == ["Gåfotboll"]
    theirs = await told(program, "/organizations", search="hemg")
    assert [each["name"] for each in theirs["contents"]] == ["Hemgården"]
    singing = await told(program, "/organizations", taxonomy_term_id=INTEREST.term("singing")["id"])
    assert [each["name"] for each in singing["contents"]] == ["Hemgården"]


async def test_our_words_are_taxonomies(program: httpx.AsyncClient) -> None:
    taxonomies = (await told(program, "/taxonomies", per_page=100))["contents"]
    assert {"sluss-need", "sluss-interest", "sluss-category"} <= {each["name"] for each in taxonomies}
    terms = (await told(program, "/taxonomy_terms", taxonomy_id=NEED.id, per_page=100))["contents"]
    assert {each["code"] for each in terms} == set(NEED.words)
    one = await told(program, f"/taxonomy_terms/{terms[0]['id']}")
    assert one == terms[0]
    assert (await told(program, f"/taxonomies/{NEED.id}"))["name"] == "sluss-need"
    found = await told(program, "/taxonomy_terms", search="language cafe")
    assert [each["code"] for each in found["contents"]] == ["language_cafe"]


async def test_an_organization_is_told_with_what_it_runs(program: httpx.AsyncClient) -> None:
    korpen = await told(program, f"/organizations/{KORPEN}")
    assert "Gåfotboll" in {each["name"] for each in korpen["services"]}
    page = await told(program, "/organizations", full_service="true")
    assert korpen in page["contents"]


async def test_the_api_tells_of_itself(program: httpx.AsyncClient) -> None:
    for path in ("", "/"):
        about = await told(program, path)
        assert about["version"] == "3.0"
        assert about["openapi_url"] == "http://sluss.test/hsds/v3/openapi.json"
    described = await told(program, "/openapi.json")
    assert described == api_document("http://sluss.test/hsds/v3")
    for path in PATHS:
        if "{" not in path:
            await told(program, path)


@pytest.mark.parametrize(
    ("path", "asked", "status", "parameter"),
    [
        ("/services", {"page": "0"}, 400, "page"),
        ("/services", {"per_page": "101"}, 400, "per_page"),
        ("/services", {"per_page": "9" * 40}, 400, "per_page"),
        ("/services", {"modified_after": "yesterday"}, 400, "modified_after"),
        ("/services", {"organization_id": "korpen"}, 400, "organization_id"),
        ("/services", {"full": "perhaps"}, 400, "full"),
        ("/services", {"format": "ndjson"}, 400, "format"),
        ("/services", {"postcode": "602 36"}, 400, "postcode"),
        ("/nothing", {}, 404, None),
        *((f"/{path}/{id}", {}, 404, None) for id in TELLS_NOTHING for path in ("services", "organizations")),
    ],
)
async def test_what_is_wrong_is_told_as_a_problem(
    program: httpx.AsyncClient, path: str, asked: dict[str, str], status: int, parameter: str | None
) -> None:
    answer = await program.get(path, params=asked)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem.get("parameter") == parameter


async def test_hostile_words_find_nothing_and_break_nothing(program: httpx.AsyncClient) -> None:
    for words in ("'; drop table hsds_service; --", "a & | ! ( ) : *", "\\", "\x00", "å" * 5000, "%"):
        await told(program, "/services", search=words)
        await told(program, "/organizations", search=words)
        await told(program, "/taxonomy_terms", search=words)


async def test_what_has_not_changed_is_not_sent_again(program: httpx.AsyncClient) -> None:
    first = await program.get(f"/services/{WALKING_FOOTBALL}")
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await program.get(
        f"/services/{WALKING_FOOTBALL}", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert (await program.head("/services")).status_code == 200
    assert (await program.post("/services")).status_code == 405


async def test_whoever_asks_too_often_is_asked_to_wait(quiet_town: Town) -> None:
    app = build_web(
        "provider",
        pool=quiet_town.desk.pool,
        secret=SECRET,
        pages=[hsds_pages(quiet_town.engine, Pace(each=2, all_=100))],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sluss.test") as client:
        answers = [await client.get("/hsds/v3/") for _ in range(3)]
        other = await client.get("/hsds/v3/", headers={"x-forwarded-for": "192.0.2.7"})
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert other.status_code == 200


async def test_what_is_only_suggested_or_hidden_is_told_to_nobody(
    quiet_town: Town, program: httpx.AsyncClient
) -> None:
    await quiet_town.do(ProposeActivity, **offer("forslag", "Ett förslag"))
    assert (await program.get(f"/services/{id_of('activity', 'forslag')}")).status_code == 404
    names = {each["name"] for each in (await told(program, "/services", per_page=100))["contents"]}
    assert "Ett förslag" not in names
