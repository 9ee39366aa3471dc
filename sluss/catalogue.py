"""The catalogue as the record tells it: folded from the provider service's events, as that service does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from services.provider.domain.activity import Activity, Status
from services.provider.domain.provider import Provider
from services.provider.domain.resource import Resource
from services.provider.domain.schedule import Schedule
from services.provider.registry import ACTIVITY, PROVIDER, RESOURCE, SCHEDULE
from services.runtime.service import Aggregate
from sluss.ledger import Entry, Ledger
from sluss_contracts.event import FACTS, reader_of

S = TypeVar("S", bound=BaseModel)


@dataclass
class Catalogue:
    """What there is, by id."""

    activities: dict[str, Activity] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)

    def see(self, entry: Entry) -> None:
        """Take in one event; what is not of the catalogue is passed over."""
        fact = FACTS.get(entry.type)
        match fact.AGGREGATE if fact else None:
            case ACTIVITY.kind:
                _fold(self.activities, ACTIVITY, entry)
            case PROVIDER.kind:
                _fold(self.providers, PROVIDER, entry)
            case RESOURCE.kind:
                _fold(self.resources, RESOURCE, entry)
            case SCHEDULE.kind:
                _fold(self.schedules, SCHEDULE, entry)


def standing(activity: Activity) -> str:
    """What has become of it, in a word or two."""
    if activity.status is Status.PUBLISHED and activity.hides is not None:
        return "to be verified"
    return "suggested" if activity.status is Status.PROPOSED else activity.status.value


async def catalogue_of(ledger: Ledger) -> Catalogue:
    """Everything that was ever said of it."""
    catalogue = Catalogue()
    while news := await ledger.news():
        for entry in news:
            catalogue.see(entry)
    return catalogue


def _fold(known: dict[str, S], aggregate: Aggregate[S], entry: Entry) -> None:
    said: Any = reader_of(FACTS[entry.type]).validate_python(entry.event, extra="ignore")
    id = said.data.aggregate_id
    known[id] = aggregate.evolve(known.get(id), said.data)
