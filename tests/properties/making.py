"""Commands made up from their contracts: values are drawn from what exists in the town, or from their types.

Ids come from the facts said so far, mostly those of the referral the command is about, now and then of
another one, and now and then none at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, JsonValue, ValidationError
from pydantic.fields import FieldInfo

from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.notify import InstrumentAnswered, OutsideAnswer
from sluss_contracts.commands.planning import RecordMeasure
from sluss_contracts.instruments import Pack, built_in
from sluss_contracts.instruments.format import Item
from sluss_contracts.pathway import Pathway
from sluss_contracts.schedule import Recurrence
from sluss_contracts.vocabulary import Role
from tests.properties.paper.town import PaperTown

WRONG = 0.02
"""How often an id is one that nobody has."""
ANOTHERS = 0.05
"""How often it is that of something else."""
GUIDES = (Role.LINK_WORKER, Role.VOLUNTEER)

ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "receiver": ("provider",),
    "receivers": ("provider",),
    "to_worker": ("worker",),
    "to": ("worker",),
    "to_organisation": ("organisation",),
    "to_area": ("area",),
    "to_team": ("team",),
    "from_worker": ("worker",),
}
"""Fields that hold an id under another name."""
PLACES = ("centrum", "hageby", "vilbergen")
TEXTS = ("Vill ut och gå", "Saknar sällskap", "Jag orkar inte leva längre", "Vill sjunga i kör")
"""Words people might say; one of them must raise an alarm."""
FORMS = {
    "phone": "011-12 34 56",
    "email": "kansli@forening.example",
    "page": "https://forening.example/kom",
    "postal_code": "602 24",
}
"""Of what has a form of its own, which no words of anybody have."""
CODES = ("asked", "no_longer_needed", "moved_on", "found_other_help", "self_sustaining", "no_show")
RULES = (
    *(None, "FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6"),
    *("FREQ=MONTHLY;BYDAY=1WE", "FREQ=DAILY;UNTIL=20260415", "FREQ=HOURLY"),
)
"""How activities come back; one of them must be refused."""


class Maker:
    """Makes commands for one town."""

    def __init__(self, town: PaperTown, pathways: Sequence[Pathway]) -> None:
        self.town, self.pathways = town, pathways

    def command(self, verb: type[Command], chance: Random) -> Command | None:
        """One command of this kind, by somebody; None where the contract itself refuses what was drawn."""
        key = self._key(verb, chance)
        known = self.town.seen_of.get(key, {})
        needs = [name for name in _ids_of(verb) if name not in known]
        if verb.OWNER == "navigator" and verb.KEY_FIELD == "referral_id":
            needs += [] if ("case", key) in self.town.desks["navigator"].states.get(key, {}) else ["case"]
        if needs and chance.random() < 0.95:
            return None  # there is nothing yet that it could be about
        values = {
            name: value
            for name, draw in _recipe(verb)
            if (value := draw(self, name, key, chance)) is not _LEFT_OUT
        }
        if verb.KEY_FIELD:
            values[verb.KEY_FIELD] = key
        if verb is RecordMeasure:
            values |= _answered(chance)
        elif verb.VERB == "publish_instrument" and chance.random() < 0.9:
            values["definition"] = values["definition"].model_copy(update={"instrument": key})
        values["command_id"] = UUID(int=chance.getrandbits(128), version=4)
        values["actor"] = self._actor(verb, key, values, chance)
        if chance.random() < 0.02:
            values["expected_sequence"] = chance.randint(0, 6)
        try:
            return verb.model_validate(values)
        except ValidationError:
            return None

    def _key(self, verb: type[Command], chance: Random) -> str:
        if verb.KEY_FIELD == "referral_id":
            return self.referral(chance)
        if verb.KEY_FIELD:
            known = self._known(verb.KEY_FIELD, None, chance)
            return f"new-{chance.randint(1, 3)}" if known is None or chance.random() < 0.1 else known
        return ""

    def referral(self, chance: Random) -> str:
        """One that exists, the latest more often than others."""
        ids = list(self.town.seen.get("referral_id", ()))
        if not ids or chance.random() < WRONG:
            return "no-such-referral"
        return ids[-1 - min(int(chance.expovariate(0.5)), len(ids) - 1)]

    def _known(self, name: str, key: str | None, chance: Random) -> str | None:
        """An id under this name: of this key, of anything, or of nothing."""
        if chance.random() < WRONG:
            return "nobody"
        for other in (name, *ALSO_CALLED.get(name, ())):
            of_key = self.town.seen_of.get(key, {}).get(other) if key is not None else None
            if of_key and chance.random() >= ANOTHERS:
                return chance.choice(list(of_key))
            if (of_all := self.town.seen.get(other)) is not None:
                return chance.choice(list(of_all))
        return None

    def _actor(self, verb: type[Command], key: str, values: dict[str, Any], chance: Random) -> Actor:
        by = self.town.desks[verb.OWNER].service.commands[verb].by
        roles = sorted(by) if by and chance.random() > 0.08 else sorted(Role)
        role = chance.choice(roles)
        id, organisation = role.value, None
        if role in GUIDES:
            case = self.town.desks["navigator"].states.get(key, {}).get(("case", key))
            worker = getattr(case, "worker", None) or values.get("worker")
            if worker is None or chance.random() < 0.1:
                worker = self._known("worker", None, chance)
            id = worker or "nobody"
        elif role is Role.PROVIDER:
            organisation = values.get("provider") or self._known("provider", key, chance)
            id = organisation or "provider"
        elif role is Role.REFERRER:
            organisation = values.get("organisation") or self._known("organisation", key, chance)
            id = organisation or "referrer"
        elif role is Role.PERSON:
            id = self._known("person", key, chance) or "person"
        elif role is Role.SERVICE:
            id = "notify"
        return Actor(id=id, role=role, organisation=organisation)

    def text(self, chance: Random) -> str:
        return chance.choices(TEXTS, weights=(8, 8, 1, 8))[0]

    def pathway(self, slug: str) -> Pathway:
        known = {each.pathway: each for each in self.pathways}
        one = known.get(slug) or self.pathways[0]
        return one.model_copy(update={"pathway": slug})


_LEFT_OUT: Any = object()
Draw = Callable[[Maker, str, str, Random], Any]


@cache
def _recipe(model: type[BaseModel]) -> tuple[tuple[str, Draw], ...]:
    skipped = {"command_id", "actor", "expected_sequence"}
    return tuple(
        (name, _optional(info, _drawn_from(_whole(info), name)))
        for name, info in model.model_fields.items()
        if name not in skipped
    )


@cache
def _ids_of(verb: type[Command]) -> tuple[str, ...]:
    """The ids a command cannot do without, besides what it is ordered by."""
    return tuple(
        name
        for name, info in verb.model_fields.items()
        if name.endswith("_id") and name not in ("command_id", verb.KEY_FIELD) and info.is_required()
    )


def _whole(info: FieldInfo) -> Any:
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def _optional(info: FieldInfo, draw: Draw) -> Draw:
    if info.is_required():
        return draw

    def perhaps(maker: Maker, name: str, key: str, chance: Random) -> Any:
        return draw(maker, name, key, chance) if chance.random() < 0.6 else _LEFT_OUT

    return perhaps


def _drawn_from(kind: Any, name: str, limits: tuple[Any, ...] = ()) -> Draw:
    """How to draw a value of a type, for a field of this name."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _drawn_from(inner[0], name, (*limits, *inner[1:]))
    if origin in (Union, UnionType):
        some = [_drawn_from(each, name, limits) for each in inner if each is not NoneType]
        return lambda maker, n, key, chance: chance.choice(some)(maker, n, key, chance)
    if origin is Literal:
        return lambda maker, n, key, chance: chance.choice(inner)
    if origin is tuple:
        return _tuple_of(_drawn_from(inner[0], name), limits)
    if origin is dict:
        keys, values = (_drawn_from(each, name) for each in inner)
        return lambda m, n, key, c: {keys(m, n, key, c): values(m, n, key, c) for _ in range(c.randint(1, 3))}
    if isinstance(kind, type):
        return _of_class(kind, name, limits)
    if kind is JsonValue:
        return lambda maker, n, key, chance: maker.text(chance)
    raise TypeError(f"no way to make up {name}: {kind}")


def _tuple_of(item: Draw, limits: tuple[Any, ...]) -> Draw:
    least = next((each.min_length for each in limits if hasattr(each, "min_length")), 0)

    def several(maker: Maker, name: str, key: str, chance: Random) -> Any:
        count = chance.randint(least, max(least, 2))
        drawn = [item(maker, name, key, chance) for _ in range(count)]
        return tuple(each for n, each in enumerate(drawn) if each not in drawn[:n])

    return several


def _of_class(kind: type, name: str, limits: tuple[Any, ...]) -> Draw:
    if kind is Pack:
        return lambda maker, n, key, chance: chance.choice(built_in())
    if kind is InstrumentAnswered:
        return lambda maker, n, key, chance: _answered(chance)
    if kind is OutsideAnswer:
        return lambda maker, n, key, chance: (
            _answered(chance)
            | {
                "line": chance.randint(1, 9),
                "export_id": maker._known("export_id", None, chance) or "nobody",
            }
        )
    if kind is Recurrence:
        return lambda maker, n, key, chance: _recurring(maker.town.clock.now(), chance)
    if kind is Pathway:
        return lambda maker, n, key, chance: maker.pathway(key)
    if issubclass(kind, BaseModel):
        recipe = _recipe(kind)
        return lambda maker, n, key, chance: {
            part: value for part, draw in recipe if (value := draw(maker, part, key, chance)) is not _LEFT_OUT
        }
    if kind is bool:
        return lambda maker, n, key, chance: chance.random() < 0.6
    if issubclass(kind, Enum):
        members = list(kind)
        return lambda maker, n, key, chance: chance.choice(members)
    if kind is AwareDatetime or issubclass(kind, datetime):
        return lambda maker, n, key, chance: (
            maker.town.clock.now() + timedelta(hours=24 * chance.randint(0, 20), minutes=60)
        )
    if issubclass(kind, date):
        return lambda maker, n, key, chance: (
            maker.town.clock.now().date() + timedelta(days=chance.randint(0, 30))
        )
    if kind is time:
        return lambda maker, n, key, chance: time(chance.randint(7, 20))
    if kind in (int, float):
        return _number(kind, limits)
    if issubclass(kind, str):
        return _text(kind, name, limits)
    raise TypeError(f"no way to make up {name}: {kind}")


def _recurring(now: datetime, chance: Random) -> dict[str, Any]:
    """One way of coming back, now and then one that no calendar knows."""
    starts = f"{now + timedelta(days=chance.randint(-20, 20)):%Y-%m-%dT}{chance.randint(9, 18):02}:00"
    return {"starts": starts, "rrule": chance.choice(RULES), "minutes": chance.choice((60, 90))}


def _answered(chance: Random) -> dict[str, Any]:
    """What somebody answered to an instrument, some of it left out or wrong."""
    pack = chance.choice(built_in())
    answers = {
        each.item: None if chance.random() < 0.1 else _answer(pack, each, chance) for each in pack.items
    }
    return {"instrument": pack.instrument, "version": pack.version, "answers": answers}


def _answer(pack: Pack, item: Item, chance: Random) -> int:
    if chance.random() < 0.02:
        return 999
    span, options = item.span or pack.span, item.options or pack.options
    return chance.choice(options).value if options else chance.randint(span.lowest, span.highest)  # type: ignore[union-attr]


def _number(kind: type, limits: tuple[Any, ...]) -> Draw:
    least = next((int(each.ge) for each in limits if getattr(each, "ge", None) is not None), 0)
    most = next((int(each.le) for each in limits if getattr(each, "le", None) is not None), least + 20)
    few = min(most, least + 6)
    return lambda maker, n, key, chance: kind(chance.randint(least, few if chance.random() < 0.8 else most))


def _text(kind: type[str], name: str, limits: tuple[Any, ...]) -> Draw:
    pattern = next((each.pattern for each in limits if getattr(each, "pattern", None)), "")
    if "language" in name:
        return lambda maker, n, key, chance: chance.choices(("sv", "ar", "fi"), (8, 2, 1))[0]
    if name in FORMS:
        return lambda maker, n, key, chance: FORMS[n]
    if name == "time_zone":
        return lambda maker, n, key, chance: chance.choice(("Europe/Stockholm", "Europe/Helsinki"))
    if name in ("area", "areas", "to_area", "in_area"):
        return lambda maker, n, key, chance: chance.choice(PLACES)

    if pattern and re.fullmatch(pattern, "09:00"):
        return lambda maker, n, key, chance: f"{chance.randint(7, 18):02}:{chance.choice((0, 30)):02}"

    def draw(maker: Maker, n: str, key: str, chance: Random) -> Any:
        known = maker._known(n, key, chance)
        if known is not None:
            return known
        if pattern and re.fullmatch(pattern, "asked"):
            return chance.choice(CODES) if re.fullmatch(pattern, "no_show") else "asked"
        return maker.text(chance)

    if (
        pattern
        and not re.search(r"\[A-Za-z0-9\]|\[a-z0-9\]|0-9a-f", pattern)
        and re.fullmatch(pattern, "no_show")
    ):
        return lambda maker, n, key, chance: chance.choice(CODES)
    return draw
