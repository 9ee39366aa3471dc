"""The catalogue as the command line shows it: who vouches for what, and what a coordinator has not seen."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console, RenderableType

from services.provider.domain.activity import Status
from services.runtime.engine.ids import uuid7
from sluss.catalogue import Catalogue, standing
from sluss.commands.cataloguing import tasks
from sluss.commands.cataloguing.contacts import _said
from sluss.commands.cataloguing.listing import listed, shown
from sluss.commands.cataloguing.moderating import waiting
from sluss.ledger import Entry
from sluss.reach import Failure
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityPublished,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderRegistered,
    VerificationDue,
)
from sluss_contracts.case import CaseClosed
from sluss_contracts.event import Event, Fact, write_event
from sluss_contracts.resource import ResourceKind, ResourcePublished
from sluss_contracts.vocabulary import CaseOutcome, Need, OrganisationKind, PrescriptionKind, Role

NOON = datetime(2027, 3, 2, 12, tzinfo=UTC)
IN_AUTUMN = NOON + timedelta(days=180)
WALK: dict[str, Any] = {
    "activity": "walk",
    "provider": "korpen",
    "title": "Promenad [/] med [bold]fika",
    "kind": PrescriptionKind.PHYSICAL,
    "needs": (Need.COMPANY,),
    "area": "hageby",
    "languages": ("sv",),
    "capacity": 8,
    "by": Role.COORDINATOR,
    "at": NOON,
    "ask_again": IN_AUTUMN,
}


def told(*facts: Fact) -> Catalogue:
    """A catalogue that has seen these, one after the other."""
    catalogue, count = Catalogue(), Counter[tuple[str, str]]()
    for number, fact in enumerate(facts, 1):
        count[fact.AGGREGATE, fact.aggregate_id] += 1
        event = Event.of(
            fact,
            id=uuid7(),
            source=f"/sluss/{fact.SAID_BY}",
            time=NOON,
            correlationid=fact.partition_key,
            sequence=count[fact.AGGREGATE, fact.aggregate_id],
            recordedtime=NOON,
        )
        body = json.loads(write_event(event))
        catalogue.see(Entry(fact.SAID_BY, "0", number, fact.TYPE, fact.partition_key, NOON, body))
    return catalogue


def printed(*parts: RenderableType) -> str:
    """What somebody reads, however far apart the columns are."""
    console = Console(width=160, file=StringIO(), highlight=False)
    for part in parts:
        console.print(part)
    assert isinstance(console.file, StringIO)
    return re.sub(" +", " ", console.file.getvalue())


def test_the_catalogue_is_the_fold_of_what_the_provider_service_said() -> None:
    catalogue = told(
        ProviderRegistered(
            provider="korpen", name="Korpen", kind=OrganisationKind.ASSOCIATION, area="hageby"
        ),
        ActivityPublished(**WALK),
        CaseClosed(referral_id="r1", person="p1", organisation="vc", outcome=CaseOutcome.COMPLETED),
        ActivityAmended(**WALK | {"capacity": 4}),
        ResourcePublished(
            resource="sorg",
            kind=ResourceKind.BOOK,
            title="Sorg",
            languages=("sv",),
            by=Role.COORDINATOR,
            at=NOON,
        ),
    )
    assert catalogue.activities["walk"].capacity == 4
    assert set(catalogue.providers) == {"korpen"}
    assert set(catalogue.resources) == {"sorg"}


def test_the_list_says_who_vouched_when_and_what_is_asked_next() -> None:
    verified = ActivityVerified(
        activity="walk", by=Role.PROVIDER, provider="korpen", at=NOON, ask_again=IN_AUTUMN
    )
    text = printed(listed(told(ActivityPublished(**WALK), verified), withdrawn=False))
    assert "published 2027-03-02 korpen 2027-08-29" in text
    assert "Promenad [/] med [bold]fika" in text, "what others wrote is shown as they wrote it"


def test_what_has_sunk_comes_last_and_says_when_it_is_hidden() -> None:
    due = VerificationDue(activity="walk", provider="korpen", hidden_at=IN_AUTUMN)
    other = ActivityPublished(**WALK | {"activity": "zumba"})
    catalogue = told(ActivityPublished(**WALK), due, other)
    text = printed(listed(catalogue, withdrawn=False))
    assert text.index("zumba") < text.index("walk")
    assert "hidden 2027-08-29" in text
    assert standing(catalogue.activities["walk"]) == "to be verified"


def test_what_is_withdrawn_is_listed_when_asked_for() -> None:
    catalogue = told(ActivityPublished(**WALK), ActivityWithdrawn(activity="walk", why="no_leader"))
    assert listed(catalogue, withdrawn=False) == "Nothing is on offer."
    assert "withdrawn" in printed(listed(catalogue, withdrawn=True))
    assert catalogue.activities["walk"].status is Status.WITHDRAWN


def test_one_activity_is_shown_whole_with_what_a_coordinator_has_not_seen() -> None:
    changed = ActivityAmended(**WALK | {"capacity": 4, "by": Role.PROVIDER})
    text = printed(shown(told(ActivityPublished(**WALK), changed).activities["walk"]))
    for row in ("verified", "2027-03-02 by korpen", "asked next", "unseen", "capacity"):
        assert row in text


def item(**other: Any) -> dict[str, Any]:
    walk = {"kind": "activity", "id": "walk", "what": "change", "since": NOON.isoformat(), "sequence": 7}
    changes = [{"field": "capacity", "before": 8, "after": 4}]
    return {**walk, "by": "provider", "changes": changes, **other}


def test_the_queue_shows_the_difference_and_what_may_be_said() -> None:
    text = printed(*waiting({"waiting": 3, "items": [item()]}))
    assert "activity walk is changed by a provider, since 2027-03-02" in text
    assert "capacity 8 → 4" in text
    assert "sluss activity review walk --seen 7, or send-back walk WHY" in text
    assert "2 more wait." in text


@pytest.mark.parametrize(
    ("kind", "what", "remedy"),
    [
        ("activity", "suggestion", "publish walk, or turn-down walk WHY"),
        ("activity", "new", "review walk --seen 7, or send-back walk WHY"),
        ("provider", "suggestion", "register walk, or turn-down walk WHY"),
    ],
)
def test_everything_that_waits_says_what_to_do(kind: str, what: str, remedy: str) -> None:
    title = [{"field": "title", "before": None, "after": "[/] Promenad"}]
    one = item(kind=kind, what=what, changes=title)
    text = printed(*waiting({"waiting": 1, "items": [one]}))
    assert f"sluss {kind} {remedy}" in text
    assert "title [/] Promenad" in text


def test_a_contact_is_somebody_or_expressly_nobody() -> None:
    assert _said(nobody=False, name="Maud", phone=None) == {"name": "Maud", "phone": None}
    assert _said(nobody=True, name=None, phone=None) == {"name": None, "phone": None}
    for nobody, name in ((False, None), (True, "Maud")):
        with pytest.raises(Failure):
            _said(nobody=nobody, name=name)


def test_what_a_team_has_to_ask_about_is_shown_with_its_day_and_what_is_late() -> None:
    task = {"task_id": "t1", "kind": "verify_activity", "team": "city", "title": WALK["title"]}
    rows = [
        {**task, "activity": "walk", "provider": "korpen", "provider_name": None, "due": NOON.isoformat()},
        {**task, "activity": "choir", "provider": None, "provider_name": None, "due": IN_AUTUMN.isoformat()},
    ]
    told = printed(tasks.waiting(rows, NOON + timedelta(days=1)))
    assert re.search(
        r"walk +2027-03-02 \(late\) +city +verify activity +Promenad \[/\] med \[bold\]fika", told
    )
    assert re.search(r"choir +2027-08-29 +city", told)
    assert printed(tasks.waiting([], NOON)).strip() == "Nothing is to be done about any activity."
