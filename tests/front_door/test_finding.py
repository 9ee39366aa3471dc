"""What a person need not name is found, and what keeps something from working is said beforehand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sluss.commands.partner import standing
from sluss.ledger import Entry
from sluss.reach import Failure, due_followup

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def followup(fact: str, id: str) -> Entry:
    data = {"followup_id": id, "referral_id": "r1", "due": AT.isoformat()}
    type_ = f"sluss.followup.{fact}.v1"
    return Entry("notify", "0", 1, type_, "r1", AT, {"type": type_, "data": data})


def test_of_two_followups_the_one_due_and_not_done_is_meant() -> None:
    first = [followup("scheduled", "f1"), followup("due", "f1"), followup("done", "f1")]
    second = [followup("scheduled", "f2"), followup("due", "f2")]
    assert due_followup([*first, *second])["followup_id"] == "f2"


def test_one_cancelled_by_a_new_plan_is_not_meant() -> None:
    story = [followup("due", "f1"), followup("cancelled", "f1"), followup("due", "f2")]
    assert due_followup(story)["followup_id"] == "f2"


def test_when_none_is_due_the_scheduled_one_is_shown() -> None:
    with pytest.raises(Failure, match="no follow-up") as caught:
        due_followup([followup("scheduled", "f1"), followup("done", "f1"), followup("scheduled", "f2")])
    assert "f2 (due 2026-11-23)" in caught.value.remedy
    assert "f1" not in caught.value.remedy


def test_when_several_are_due_each_is_named() -> None:
    with pytest.raises(Failure, match="several") as caught:
        due_followup([followup("due", "f1"), followup("due", "f2")])
    assert "f1, f2" in caught.value.remedy


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((), "sluss registry import"),
        (("organisation.registered", "organisation.amended"), ""),
        (("organisation.registered", "organisation.revoked"), "was revoked"),
    ],
)
def test_a_new_partner_is_told_what_keeps_it_from_referring(said: tuple[str, ...], told: str) -> None:
    found = standing("varby-vardcentral", said)
    assert told in found if told else not found
