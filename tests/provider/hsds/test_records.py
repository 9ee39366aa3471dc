"""Records of directories elsewhere: kept once, and told of to those who bring them in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from services.provider.domain import outside
from services.provider.domain.outside import OutsideRecord
from services.provider.hsds.ids import id_of
from sluss_contracts.command import Actor
from sluss_contracts.commands.outside_record import (
    BringInRecords,
    Brought,
    KeepOutsideRecord,
    ReadOutsideRecord,
    ReadOutsideRecords,
)
from sluss_contracts.commands.provider import PublishActivity, RegisterProvider
from sluss_contracts.json_documents import DEEPEST, LARGEST
from sluss_contracts.outside_record import Assumed, OutsideRecordKept, RecordKind
from sluss_contracts.vocabulary import Acceptance, Need, OrganisationKind, PrescriptionKind, Role
from tests.provider.offers import COORDINATOR
from tests.provider.spec import NOON
from tests.support.calendar import Town
from tests.support.hsds import SERVICE

RECORD = f"service-{SERVICE}"
SAID: dict[str, Any] = {
    "record": RECORD,
    "kind": RecordKind.SERVICE,
    "name": "counselling-ac148810",
    "document": {"id": SERVICE, "name": "Counselling", "status": "active", "alert": "Moved online"},
}


def keep(**other: Any) -> KeepOutsideRecord:
    return KeepOutsideRecord(**{**COORDINATOR, **SAID, **other})


def kept(**other: Any) -> OutsideRecordKept:
    return OutsideRecordKept(**{**SAID, "at": NOON, **other})


def known(*story: OutsideRecordKept) -> OutsideRecord | None:
    state: OutsideRecord | None = None
    for fact in story:
        state = outside.evolve(state, fact)
    return state


def test_it_is_kept_once_and_again_when_it_says_otherwise() -> None:
    assert outside.keep(None, keep(), NOON) == [kept()]
    backwards = dict(reversed(SAID["document"].items()))
    assert outside.keep(known(kept()), keep(document=backwards), NOON) == [], (
        "the order of names says nothing"
    )
    other = {"document": {**SAID["document"], "alert": "Open again"}}
    assert outside.keep(known(kept()), keep(**other), NOON) == [kept(**other)]
    assumed = {"assumed": Assumed(capacity=8)}
    assert outside.keep(known(kept()), keep(**assumed), NOON) == [kept(**assumed)]


def _nested(depth: int) -> dict[str, Any]:
    return {"id": SERVICE, "in": _nested(depth - 1)} if depth else {"id": SERVICE}


@pytest.mark.parametrize(
    "document",
    [
        {"id": SERVICE, "name": "a\x00b"},
        {"id": SERVICE, "na\x00me": "a"},
        {"id": SERVICE, "name": "\ud800"},
        {"id": SERVICE, "name": "å" * LARGEST},
        {"id": SERVICE, "amount": float("inf")},
        _nested(DEEPEST),
    ],
)
def test_what_no_database_keeps_and_no_message_holds_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        keep(document=document)


async def test_those_who_bring_records_in_are_told_which_are_known(town: Town) -> None:
    await town.do(KeepOutsideRecord, **SAID)
    korpen = {"provider": "korpen", "name": "Korpen", "kind": OrganisationKind.ASSOCIATION, "area": "hageby"}
    await town.do(RegisterProvider, **korpen)
    await town.publish("gafotboll", "Gåfotboll")
    native = f"service-{id_of('activity', 'gafotboll')}"
    asked = {"records": (RECORD, native, f"service-{uuid4()}", f"taxonomy-{uuid4()}")}
    known_ = (await town.do(ReadOutsideRecords, **asked)).result["known"]
    digest = outside.digest(SAID["document"])
    assert known_ == {
        RECORD: {"name": SAID["name"], "digest": digest, "laid_out": False, "standing": None},
        native: {"name": "gafotboll", "digest": None, "laid_out": False, "standing": "published"},
    }
    one = (await town.do(ReadOutsideRecord, record=RECORD)).result
    assert one["document"] == SAID["document"]
    assert one["offer"] is None
    nothing = (await town.do(ReadOutsideRecord, record=f"service-{uuid4()}")).result
    assert nothing["document"] is None


async def test_a_record_is_told_to_nobody_else_and_kept_by_nobody_else(town: Town) -> None:
    for role in set(Role) - {Role.COORDINATOR, Role.OPERATOR}:
        by = Actor(id="maud", role=role)
        for command in (
            KeepOutsideRecord(**{**SAID, "command_id": uuid4(), "actor": by}),
            ReadOutsideRecord(command_id=uuid4(), actor=by, record=RECORD),
            ReadOutsideRecords(command_id=uuid4(), actor=by, records=(RECORD,)),
        ):
            answer = await town.desk.ask(command)
            assert answer.refused, role
            assert answer.refused.code == "not_allowed"


def brought(number: int, **other: Any) -> Brought:
    """A record that keeps a document of its own."""
    document = {**SAID["document"], "id": f"{SERVICE[:-3]}{number:03}"}
    said = {"record": f"service-{document['id']}", "name": f"counselling-{number}", "document": document}
    return Brought(keep_outside_record=keep(**{**said, **other}))


async def test_many_are_brought_in_by_one_command_and_one_that_is_refused_leaves_the_rest(
    town: Town,
) -> None:
    nobodys = Brought(
        publish_activity=PublishActivity(
            **COORDINATOR,
            activity="nobodys",
            provider="nobody",
            title="Nobody's",
            kind=PrescriptionKind.SOCIAL,
            needs=(Need.COMPANY,),
            area="stan",
            languages=("sv",),
            capacity=1,
            acceptance=Acceptance.REQUIRED,
        ),
        keep_outside_record=keep(name="nobodys"),
    )
    wanted = BringInRecords(**COORDINATOR, records=(brought(1), nobodys, brought(2)))
    answer = await town.desk.ask(wanted)
    assert list(answer.result["refused"]) == ["1"]
    assert answer.result["refused"]["1"]["code"] == "unknown_provider"
    assert [each.name for each in await town.desk.said(OutsideRecordKept)] == [
        "counselling-1",
        "counselling-2",
    ]
    assert await town.desk.ask(wanted) == answer, "the same command is carried out once"
    assert len(await town.desk.said(OutsideRecordKept)) == 2


def test_what_is_brought_in_is_of_one_sender_and_each_about_one_thing() -> None:
    others = keep(actor=Actor(id="another", role=Role.OPERATOR))
    register = RegisterProvider(
        **COORDINATOR, provider="odlarna", name="Odlarna", kind=OrganisationKind.ASSOCIATION, area="stan"
    )
    for wrong in (
        Brought(),
        Brought(keep_outside_record=others),
        Brought(register_provider=register, keep_outside_record=keep()),
    ):
        with pytest.raises(ValidationError):
            BringInRecords(**COORDINATOR, records=(wrong,))


async def test_who_may_not_send_a_part_may_not_send_the_whole(town: Town) -> None:
    somebody = {**COORDINATOR, "actor": Actor(id="odlarna", role=Role.PROVIDER)}
    wanted = BringInRecords(**somebody, records=(Brought(keep_outside_record=keep(**somebody)),))
    answer = await town.desk.ask(wanted)
    assert answer.refused
    assert answer.refused.code == "not_allowed"
