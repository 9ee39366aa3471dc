"""Bringing a directory in: once is enough, what changes there changes here, and faults stop nobody."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.provider.hsds.service import said_by
from sluss_contracts.activity import ActivityAmended, ActivityPublished, ActivityWithdrawn, ProviderAmended
from sluss_contracts.commands.catalogue import RegisterProposal
from sluss_contracts.commands.provider import PublishActivity, PublishProposal
from sluss_contracts.outside_record import Assumed, OutsideRecordKept
from sluss_contracts.schedule import ActivityScheduleSet
from sluss_contracts.vocabulary import Need
from tests.hsds.bringing_in import ASSUMED, bring_in, written_out
from tests.support.calendar import Town
from tests.support.hsds import example

ORGANIZATION = {"id": str(UUID(int=1)), "name": "Odlarna", "description": "Vi odlar."}


def service(number: int, **other: Any) -> dict[str, Any]:
    return {
        "id": str(UUID(int=1000 + number)),
        "name": f"Odling {number}",
        "status": "active",
        "organization": ORGANIZATION,
        **other,
    }


async def test_the_same_file_again_changes_nothing(town: Town) -> None:
    documents = [service(1), service(2), example("service_full")]
    assert (await bring_in(town, *documents)).counts == {"new": 5}
    before = await town.desk.pool.fetchval("select count(*) from event")
    again = await bring_in(town, *documents)
    assert again.counts == {"unchanged": 5}
    assert again.sent == []
    assert await town.desk.pool.fetchval("select count(*) from event") == before


async def test_what_changes_there_changes_here_and_what_was_corrected_here_stays(town: Town) -> None:
    await bring_in(town, service(1, description="Odla grönt.", minimum_age=18))
    (published,) = await town.desk.said(ActivityPublished)
    said = published.model_dump(exclude={"by", "at", "ask_again"})
    await town.do(PublishActivity, **said | {"about": "Odla grönt tillsammans.", "capacity": 4})
    same = await bring_in(town, service(1, description="Odla grönt.", minimum_age=18))
    assert same.counts == {"unchanged": 2}, "an old file does not undo what was corrected here"
    came = await bring_in(town, service(1, description="Odla grönt.", minimum_age=16, name="Odling för alla"))
    assert came.counts == {"changed": 1, "unchanged": 1}
    *_, amended = await town.desk.said(ActivityAmended)
    assert (amended.title, amended.eligibility.from_age) == ("Odling för alla", 16)
    assert (amended.about, amended.capacity) == ("Odla grönt tillsammans.", 4)


async def test_what_a_record_does_not_say_it_does_not_take_back(town: Town) -> None:
    await bring_in(town, service(1, description="Odla grönt.", alert="Vi har flyttat."))
    await bring_in(town, service(1, alert="Vi är tillbaka."))
    (told,) = await written_out(town, "services")
    assert (told["description"], told["alert"]) == ("Odla grönt.", "Vi är tillbaka.")


async def test_who_is_not_registered_waits_and_so_does_what_they_run(town: Town) -> None:
    came = await bring_in(town, service(1), service(2), register=False)
    assert came.counts == {"suggested": 3}
    assert await town.desk.said(ActivityPublished) == []
    assert await written_out(town, "services") == []
    assert (await bring_in(town, service(1), service(2), register=False)).counts == {"unchanged": 3}
    (kept,) = [each for each in await town.desk.said(OutsideRecordKept) if each.kind == "organization"]
    await town.do(RegisterProposal, provider=kept.name)
    first = next(
        each for each in await town.desk.said(OutsideRecordKept) if each.document["name"] == "Odling 1"
    )
    await town.do(PublishProposal, activity=first.name)
    assert [each["name"] for each in await written_out(town, "services")] == ["Odling 1"]
    assert (await bring_in(town, service(3), register=False)).counts == {"new": 1, "unchanged": 1}
    trusted = await bring_in(town, service(1), service(2), register=True)
    assert trusted.counts == {"unchanged": 2, "new": 1}, "what still waited is published"


async def test_what_is_over_there_is_withdrawn_here(town: Town) -> None:
    await bring_in(town, service(1), service(2), service(3, status="defunct"))
    came = await bring_in(town, service(1, status="inactive"), service(2, status="temporarily closed"))
    assert came.counts == {"withdrawn": 1, "changed": 1, "unchanged": 1}
    assert [each.why for each in await town.desk.said(ActivityWithdrawn)] == ["not_active"]
    assert "closed" in str(came.notes[0])
    back = await bring_in(town, service(1), service(3))
    assert back.counts == {"kept": 1, "new": 1, "unchanged": 1}
    assert "withdrawn here" in str(back.notes[0])


async def test_opening_hours_become_a_schedule_once(town: Town) -> None:
    hours = {
        "id": str(UUID(int=7)),
        "freq": "WEEKLY",
        "byday": "TU",
        "opens_at": "14:00",
        "closes_at": "16:00",
    }
    await bring_in(town, service(1, schedules=[hours]))
    (laid_out,) = await town.desk.said(ActivityScheduleSet)
    assert laid_out.recurrences[0].rrule == "FREQ=WEEKLY;BYDAY=TU"
    moved = service(1, schedules=[{**hours, "byday": "WE"}])
    assert (await bring_in(town, moved)).counts == {"changed": 1, "unchanged": 1}
    assert (await bring_in(town, moved)).sent == []
    *_, again = await town.desk.said(ActivityScheduleSet)
    assert again.recurrences[0].rrule == "FREQ=WEEKLY;BYDAY=WE"


async def test_an_organization_is_corrected_and_not_forgotten(town: Town) -> None:
    await bring_in(town, {**ORGANIZATION, "website": "https://odlarna.example"}, hint="organization")
    await bring_in(town, service(1, organization={**ORGANIZATION, "name": "Odlarna i Hageby"}))
    (amended,) = await town.desk.said(ProviderAmended)
    assert amended.name == "Odlarna i Hageby"
    (told,) = await written_out(town, "organizations")
    assert told["website"] == "https://odlarna.example"


async def test_a_faulty_record_is_told_with_its_place_and_the_rest_goes_on(town: Town) -> None:
    wrong = service(2, phones=[{"id": str(UUID(int=9)), "number": 112}], status="open")
    unsafe = service(3, url="javascript:alert(1)")
    nobody = {name: value for name, value in service(4).items() if name != "organization"}
    came = await bring_in(
        town, service(1), wrong, unsafe, nobody, service(5, name="a\x00b"), {"name": "x"}, 7, service(6)
    )
    assert came.counts == {"new": 3, "faulty": 6}
    told = [(each.number, each.fault.path, each.fault.code) for each in came.faults]
    assert told == [
        (2, "/status", "unknown_word"),
        (2, "/phones/0/number", "wrong_type"),
        (3, "/url", "script"),
        (5, "/name", "control_character"),
        (6, "/id", "missing"),
        (6, "/description", "missing"),
        (7, "", "not_a_record"),
        (4, "/organization", "unknown_organization"),
    ]
    assert all(each.id == service(each.number)["id"] for each in came.faults if each.number < 6)
    assert "112" not in str(came.faults[1]), "a fault names the place and never the value"


async def test_what_the_catalogue_needs_and_nobody_says_is_asked_for(town: Town) -> None:
    came = await bring_in(town, service(1), assumed=Assumed(area="hageby", capacity=8))
    assert [(each.fault.code, "--need" in each.fault.remedy) for each in came.faults] == [("not_said", True)]
    term = {"id": str(UUID(int=3)), "name": "Mental wellbeing", "description": "…", "taxonomy": "theirs"}
    attributes = [{"id": str(UUID(int=4)), "taxonomy_term": term}]
    named = service(1, attributes=attributes)
    assert (await bring_in(town, named, assumed=Assumed(area="hageby", capacity=8))).counts["new"] == 1
    (published,) = await town.desk.said(ActivityPublished)
    assert published.needs == (Need.MENTAL_WELLBEING,), "a word of ours under another name"
    (told,) = await written_out(town, "services")
    assert told["attributes"] == attributes, "what was assumed is not put into their mouth"


async def test_a_check_says_what_would_come_of_it_and_does_nothing(town: Town) -> None:
    before = await town.desk.pool.fetchval("select count(*) from event")
    came = await bring_in(town, service(1), service(2), {"id": "x"}, check=True)
    assert came.counts == {"new": 3, "faulty": 1}
    assert await town.desk.pool.fetchval("select count(*) from event") == before


async def test_references_in_circles_lead_nowhere(town: Town) -> None:
    one, other = str(UUID(int=11)), str(UUID(int=12))
    terms = [
        {"id": one, "name": "A", "description": "", "parent_id": other},
        {"id": other, "name": "B", "description": "", "parent_id": one},
    ]
    parents = [
        {"id": one, "name": "Ett", "description": "", "parent_organization_id": other},
        {"id": other, "name": "Två", "description": "", "parent_organization_id": one},
    ]
    assert (await bring_in(town, *terms)).counts == {"new": 2}
    assert (await bring_in(town, *parents, hint="organization")).counts == {"new": 2}
    assert len(await written_out(town, "organizations")) == 2


@pytest.mark.parametrize("name", ["service_full", "organization_full"])
async def test_half_a_file_brings_in_what_is_whole(town: Town, name: str) -> None:
    text = orjson.dumps([service(1), service(2), example(name)])
    came = await bring_in(town, text=text[: len(text) // 2])
    assert came.counts == {"new": 3, "faulty": 1}
    assert [each.fault.code for each in came.faults] == ["truncated"]


async def test_script_in_a_text_stays_a_text(town: Town) -> None:
    text = '<script>alert("1")</script>'
    await bring_in(town, service(1, name=text, description=text))
    (told,) = await written_out(town, "services")
    assert said_by(deepcopy(told), ASSUMED)["title"] == text
    assert told["description"] == text
