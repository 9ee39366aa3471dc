"""The notify service with its pages, in this process and on a real database, and letters that hold a link."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from services.notify.app import service
from services.notify.channels import Channels, Folder
from services.notify.message_courier import MessageCourier
from services.notify.web import notify_web
from services.runtime.clock import SetClock
from services.runtime.database import open_engine
from sluss.machine.postgres import Postgres
from sluss_contracts.instruments import InstrumentPublished, Pack, pack_of
from sluss_contracts.instruments.format import Wording
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.story import DAY, NOON, karin, on, organisation
from tests.support.desk import Desk, Doors, desk, schema_of
from tests.support.pages import SECRET

HALF_A_YEAR = 180 * DAY


@dataclass
class Asking:
    """A notify service at work, its pages, and its post."""

    desk: Desk
    doors: Doors
    app: FastAPI
    post: Post

    async def due(self, *people: str, pathway: Any = story.PATHWAY) -> None:
        """Half a year after their plans these are asked."""
        await self.desk.hear(story.published(pathway))
        for who in people:
            await self.desk.hear(on(story.accepted(who)), on(story.assigned(who)), on(story.plan(who=who)))
        await self.desk.wait(HALF_A_YEAR)

    async def link(self, *people: str, pathway: Any = story.PATHWAY) -> str:
        """The path of the link in the newest letter, once these have been asked."""
        if people:
            await self.due(*people, pathway=pathway)
        courier = MessageCourier(
            self.desk.pool, Vault(), self.desk.clock, Channels([Folder(self.post.folder)])
        )
        while await courier.round():
            pass
        found = [
            path for text in self.post.letters for path in re.findall(r"svar\.example(/svara/\S+)", text)
        ]
        return str(found[-1])

    async def events(self) -> int:
        """How much has been said."""
        return int(await self.desk.pool.fetchval("select count(*) from event"))


@asynccontextmanager
async def asking(server: Postgres, folder: Path) -> AsyncIterator[Asking]:
    """Nobody is asked yet."""
    url = await schema_of(server, service)
    engine = open_engine(url, service.name)
    async with desk(url, service, SetClock(NOON)) as here:
        await here.hear(organisation(), karin())
        doors = Doors(here)
        app = notify_web(here.pool, engine, doors, secret=SECRET, demo=False, now=here.clock.now)
        yield Asking(here, doors, app, Post(folder))
        await here.assert_state_is_the_fold_of_the_events()
    await engine.dispose()


def worded(instrument: str, text: str = "En fråga") -> InstrumentPublished:
    """A shipped pack that has no wording, with one an organisation might have a licence for."""
    pack = pack_of(instrument)
    options = [each.model_copy(update={"text": {"sv": f"Svar {each.value}"}}) for each in pack.options]
    items = [
        item.model_copy(update={"text": {"sv": f"{text} {number}"}})
        for number, item in enumerate(pack.items, 1)
    ]
    said = {
        "wording": Wording.LICENSED,
        "languages": ("sv",),
        "options": tuple(options),
        "items": tuple(items),
    }
    whole = Pack.model_validate(pack.model_copy(update=said).model_dump())
    return InstrumentPublished(instrument=whole.instrument, version=whole.version, definition=whole)
