"""The judgements of `judgements.toml`, as the matcher takes them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

from services.navigator.domain.matching import rank
from services.navigator.domain.wishes import Ages, Offer, Standing, Wishes
from services.navigator.store.desk import LOCAL_TIME
from sluss_contracts.matching import Weekday

_FILE = Path(__file__).with_name("judgements.toml")
_MONDAY = datetime(2026, 3, 2, tzinfo=LOCAL_TIME)
_DAYS = list(Weekday)
_USUAL: dict[str, Any] = {"area": "centrum"}


@dataclass(frozen=True)
class Person:
    """Somebody made up, and what a link worker would say of each activity."""

    name: str
    wishes: Wishes
    judged: dict[str, int]
    never: frozenset[str]


@cache
def everything() -> tuple[tuple[Offer, ...], tuple[Person, ...]]:
    """All offers and all persons of the file."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    offers = tuple(offer_told(name, **said) for name, said in told["offer"].items())
    persons = tuple(_person(name, said, told["neighbours"]) for name, said in told["person"].items())
    return offers, persons


def offer_told(
    activity: str, *, drop_in: bool = False, evening: bool = False, days: tuple[str, ...] = (), **said: Any
) -> Offer:
    """An activity, told by what is particular about it."""
    begins = timedelta(hours=18 if evening else 13)
    coming = sorted(_MONDAY + begins + timedelta(days=_DAYS.index(Weekday(day))) for day in days)
    usual: dict[str, Any] = {
        "provider": "korpen",
        "needs": ("company",),
        "area": "centrum",
        "languages": ("sv",),
        "capacity": 12,
        "venue": "Gamla torget",
    }
    listed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
    }
    if "standing" in listed:
        listed["standing"] = Standing(listed["standing"])
    return Offer(
        activity=activity,
        title=activity.capitalize(),
        acceptance="drop_in" if drop_in else "required",
        coming=tuple(coming),
        **{**usual, **listed},
    )


def wishes_told(*, age: int | None = None, **said: Any) -> Wishes:
    """What somebody wants, told by what is particular about it."""
    listed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
    }
    listed["never"] = frozenset(listed.get("never", ()))
    if "language" in listed.get("barriers", ()):
        listed.setdefault("language_required", True)
    if age is not None:
        listed["ages"] = Ages(age, age)
    return Wishes(**{**_USUAL, **listed})


def _person(name: str, said: dict[str, Any], neighbours: dict[str, list[str]]) -> Person:
    wanted = said["wishes"]
    wishes = wishes_told(neighbours=neighbours[wanted["area"]], **wanted)
    return Person(name, wishes, said["judged"], frozenset(said["never"]))


def ndcg(person: Person, offers: tuple[Offer, ...], first: int = 5) -> float:
    """How good the first few of the list are, beside the best list there could be (0 to 1).

    Normalised discounted cumulative gain with gains 2^grade - 1 (Järvelin and Kekäläinen, 2002; exponential
    gain as in Burges et al., 2005).
    """
    ranked = [one.offer.activity for one in rank(person.wishes, offers)][:first]
    ideal = sorted(person.judged.values(), reverse=True)[:first]
    return _gain([person.judged.get(name, 0) for name in ranked]) / _gain(ideal)


def _gain(grades: list[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))
