"""Acute risk: an alarm is raised wherever the work is."""

from __future__ import annotations

from dataclasses import replace

from services.referral.domain.beginning import Alarm
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.event import Fact
from sluss_contracts.receipt import ReceiptIssued
from tests.referral.domain.stories import FILED, OTHER, TO_BE_ASKED, submitted
from tests.referral.requests import request


def test_an_alarm_is_raised_where_the_work_is_and_the_receipt_says_that_it_is_acute() -> None:
    alarmed = replace(FILED, alarms=(Alarm("0197-alarm", "reason", "5d0c6a86-0000-4000-8000-000000000003"),))

    def alarm(facts: list[Fact]) -> AlarmRaised:
        (found,) = [fact for fact in facts if isinstance(fact, AlarmRaised)]
        return found

    facts = submitted(alarmed)
    assert (alarm(facts).referral_id, alarm(facts).where) == (FILED.referral_id, "reason")
    assert isinstance(facts[-1], ReceiptIssued)
    assert facts[-1].acute
    assert alarm(submitted(alarmed, **TO_BE_ASKED)).area == request()["area"], "when it is held too"
    assert alarm(submitted(replace(alarmed, duplicate_of=OTHER))).referral_id == OTHER
