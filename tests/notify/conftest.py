"""The notify service on a real database, with a stand-in for the vault that can be told to be away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest_asyncio

from services.notify.app import service
from services.runtime.clock import SetClock
from services.runtime.decision import Transient
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.commands.meetings import ReadMeetingLink
from sluss_contracts.commands.referral import ReadPerson, ReadReferrers, ReadWords
from tests.notify.story import NOON, karin, organisation
from tests.support.desk import Desk, desk, schema_of

MEETING_LINK = "https://sluss.test/meeting/signed"


@dataclass
class Vault:
    """Answers as the referral service does."""

    away: bool = False
    refuses: str | None = None
    contact: dict[str, str] = field(default_factory=lambda: {"phone": "070-174 06 00"})
    language: str = "sv"
    care: dict[str, Any] = field(default_factory=dict)
    """`safe_contact` and `protection`, where there are any."""
    withheld: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    meetings: dict[str, datetime] = field(default_factory=dict)
    """When meetings are that the navigator makes links for."""
    link_refused: str | None = None
    asked: list[Command] = field(default_factory=list)

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        self.asked.append(command)
        if self.away:
            raise Transient("the vault is away")
        if isinstance(command, ReadMeetingLink):
            return self._link(command)
        if self.refuses:
            return Answer(refused=Refused(code=self.refuses, message=""))
        return Answer(result=self._result(command))

    def _link(self, question: ReadMeetingLink) -> Answer:
        """As the navigator does, which is never away in these tests unless it is said."""
        if self.link_refused:
            return Answer(refused=Refused(code=self.link_refused, message=""))
        starts = self.meetings.get(question.meeting_id)
        if starts is None:
            return Answer(refused=Refused(code="unknown_case", message=""))
        return Answer(result={"address": MEETING_LINK, "starts": starts.isoformat()})

    def _result(self, command: Command) -> dict[str, Any]:
        match command:
            case ReadPerson(referral_id=who, purpose="send_message"):
                told = {"name": f"{who.title()} Ek", "contact": self.contact, "language": self.language}
                return told | self.care
            case ReadReferrers(referral_ids=all_):
                return {
                    "referrers": {
                        who: {
                            "organisation": "clinic",
                            "submission_id": f"s-{who}",
                            "unit": "Enhet 1",
                            "person": "Lena",
                        }
                        for who in all_
                        if who not in self.unknown
                    },
                    "withheld": sorted(self.withheld),
                }
            case ReadWords(refs=refs):
                return {"words": dict.fromkeys(refs, "Har kommit igång.")}
        raise AssertionError(f"nobody asks the vault for {command}")


@dataclass
class Post:
    """The demonstration channel's folder."""

    folder: Path

    @property
    def letters(self) -> list[str]:
        return [path.read_text() for path in sorted(self.folder.glob("*.txt"))]


@pytest_asyncio.fixture
async def url(postgres_server: Postgres) -> str:
    return await schema_of(postgres_server, service)


@pytest_asyncio.fixture
async def notify(url: str) -> AsyncIterator[Desk]:
    async with desk(url, service, SetClock(NOON)) as here:
        await here.hear(organisation(), karin())
        yield here
        await here.assert_state_is_the_fold_of_the_events()


@pytest_asyncio.fixture
async def vault() -> Vault:
    return Vault()


@pytest_asyncio.fixture
async def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "post")
