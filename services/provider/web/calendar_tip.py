"""What somebody wrote in the tip form: kept as it was written, judged, and made into a suggestion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError

from services.runtime.web import mark
from services.runtime.web.area_words import plain
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import ProposeActivity
from sluss_contracts.offering import ActivityCategory, Cost, Described, Venue, WebAddress
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind

MOST = {"title": 200, "who": 200, "about": 3000, "place": 200, "page": 500}
"""Signs that fit into each field."""
_NAMES = {
    "title": mark("What it is called"),
    "who": mark("Who runs it"),
    "about": mark("What one does there, and when"),
    "area": mark("Part of town"),
    "place": mark("Where, in words"),
    "cost": mark("What it costs, in kronor"),
    "page": mark("Its page on the web"),
}
CAPACITY = 10
"""How many may take part, as long as nobody who knows has said."""
_MEANS = {
    ActivityCategory.BEFRIENDING: (PrescriptionKind.SOCIAL, Need.BEFRIENDING),
    ActivityCategory.CHOIR: (PrescriptionKind.CULTURE, Need.CULTURE),
    ActivityCategory.CULTURE: (PrescriptionKind.CULTURE, Need.CULTURE),
    ActivityCategory.DEBT_ADVICE: (PrescriptionKind.SUPPORT, Need.DEBT),
    ActivityCategory.DIGITAL_COURSE: (PrescriptionKind.SUPPORT, Need.DIGITAL_HELP),
    ActivityCategory.DIGITAL_HELP: (PrescriptionKind.SUPPORT, Need.DIGITAL_HELP),
    ActivityCategory.EXERCISE: (PrescriptionKind.PHYSICAL, Need.PHYSICAL_ACTIVITY),
    ActivityCategory.GARDENING: (PrescriptionKind.SOCIAL, Need.NATURE),
    ActivityCategory.HOMEWORK_HELP: (PrescriptionKind.SUPPORT, Need.STUDIES),
    ActivityCategory.JOB_COACHING: (PrescriptionKind.SUPPORT, Need.WORK),
    ActivityCategory.LANGUAGE_CAFE: (PrescriptionKind.SOCIAL, Need.LANGUAGE),
    ActivityCategory.PARENTING: (PrescriptionKind.SUPPORT, Need.PARENTING),
    ActivityCategory.STUDY_CIRCLE: (PrescriptionKind.CULTURE, Need.STUDIES),
    ActivityCategory.SUPPORT_LINE: (PrescriptionKind.SUPPORT, Need.MENTAL_WELLBEING),
    ActivityCategory.TALK_GROUP: (PrescriptionKind.SUPPORT, Need.MENTAL_WELLBEING),
    ActivityCategory.THERAPY: (PrescriptionKind.SUPPORT, Need.MENTAL_WELLBEING),
    ActivityCategory.VOLUNTEERING: (PrescriptionKind.SOCIAL, Need.VOLUNTEERING),
    ActivityCategory.WALK: (PrescriptionKind.PHYSICAL, Need.PHYSICAL_ACTIVITY),
}
"""What a sort of activity is likely to be for. The coordinator who looks at the tip says what it is."""
_ELSEWHERE = "elsewhere"
_WEB_ADDRESS: TypeAdapter[str] = TypeAdapter(WebAddress)


@dataclass(frozen=True)
class Tip:
    """The form's fields as they were written."""

    once: str
    """Made with the form: sent twice, it is the same tip."""
    corrects: str = ""
    """The activity it is about, when something there is wrong."""
    title: str = ""
    who: str = ""
    about: str = ""
    category: str = ""
    area: str = ""
    place: str = ""
    cost: str = ""
    just_come: str = ""
    """`yes`, `no` or empty."""
    language: str = "sv"
    page: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    """By field, what is wrong with it."""
    trouble: str = ""
    """What went wrong with the whole."""

    @classmethod
    def new(cls) -> Self:
        """An empty form."""
        return cls(once=str(uuid4()))

    @property
    def named_faults(self) -> list[tuple[str, str, str]]:
        """Field, what it is called, and what is wrong with it, in the order of the form."""
        return [(name, _NAMES[name], self.faults[name]) for name in _NAMES if name in self.faults]

    @property
    def _kronor(self) -> int | None:
        digits = self.cost.replace(" ", "")
        return int(digits) if re.fullmatch(r"[0-9]{1,5}", digits) else None

    def checked(self) -> Tip:
        """The same with every fault told at once."""
        faults = {}
        for name in ("title", "who", "about"):
            if not getattr(self, name):
                faults[name] = mark("This is needed.")
        if not self.area:
            faults["area"] = mark("Choose a part of town, or “somewhere else”.")
        elif self.area == _ELSEWHERE and not _slug(self.place):
            faults["place"] = mark("Write where it is.")
        if self.cost and self._kronor is None:
            faults["cost"] = mark("Write a whole number of kronor, such as 50; 0 if it is free of charge.")
        if self.page and _web_address(self.page) is None:
            faults["page"] = mark("This is no web address. Write it as in a browser: www.example.org.")
        for name, most in MOST.items():
            if len(getattr(self, name)) > most:
                faults[name] = mark("This is too long. Shorten it.")
        return replace(self, faults=faults)

    def command(self, providers: Mapping[str, str], actor: Actor) -> ProposeActivity:
        """The suggestion; only of what is checked. `providers` are the known ones' ids by name."""
        known = {name.casefold(): provider for name, provider in providers.items()}
        provider = known.get(self.who.casefold())
        category = ActivityCategory(self.category) if self.category else None
        kind, need = _MEANS.get(category or ActivityCategory.OTHER, (PrescriptionKind.SOCIAL, Need.COMPANY))
        return ProposeActivity(
            command_id=UUID(self.once),
            actor=actor,
            activity=f"{(self.corrects or _slug(self.title) or 'tips')[:50].strip('-')}-{self.once[:8]}",
            provider=provider or _slug(self.who) or "okand",
            title=self.title,
            kind=kind,
            needs=(need,),
            area=_slug(self.place) if self.area == _ELSEWHERE else self.area,
            languages=(self.language,),
            capacity=CAPACITY,
            acceptance=Acceptance.DROP_IN if self.just_come == "yes" else Acceptance.REQUIRED,
            about=self.about if provider else f"{self.about}\n\n{self.who}",
            category=category,
            venue=Venue(name=self.place) if self.place else None,
            cost=None if self._kronor is None else Cost(kronor=self._kronor),
            page=_web_address(self.page) if self.page else None,
        )


_KEPT = {each.name for each in fields(Tip)} - {"faults", "trouble"}


def tip_from(given: Mapping[str, str]) -> Tip:
    """What was sent, cleaned of what no keyboard types. A form that was tampered with counts as a new one."""
    texts: dict[str, Any] = {name: _clean(given.get(name, ""), lines=name == "about") for name in _KEPT}
    try:
        texts["once"] = str(UUID(texts["once"]))
    except ValueError:
        texts["once"] = str(uuid4())
    if texts["category"] not in set(ActivityCategory):
        texts["category"] = ""
    if not re.fullmatch(r"[a-z]{2,3}", texts["language"]):
        texts["language"] = "sv"
    if not re.fullmatch(r"[a-z0-9åäö][a-z0-9åäö-]{0,62}", texts["area"]):
        texts["area"] = ""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", texts["corrects"]):
        texts["corrects"] = ""
    return Tip(**texts)


def tip_about(told: Described, provider: str) -> Tip:
    """A form filled in with what is told of an activity, for whoever knows better."""
    return Tip(
        once=str(uuid4()),
        corrects=told.activity,
        title=told.title,
        who=provider,
        about=told.about or "",
        category=told.category.value if told.category else "",
        area=told.area,
        place=", ".join(part for part in (told.venue.name, told.venue.street) if part) if told.venue else "",
        cost=str(told.cost.kronor) if told.cost else "",
        just_come="yes" if told.acceptance is Acceptance.DROP_IN else "no",
        language=told.languages[0],
        page=told.page or "",
    )


def _clean(text: str, *, lines: bool) -> str:
    kept = "\n" if lines else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign.isprintable() or sign in kept).strip()


def _slug(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", plain(name))
    return "-".join(words)[:50].strip("-")


def _web_address(text: str) -> str | None:
    whole = text if re.match(r"https?://", text, re.IGNORECASE) else f"https://{text}"
    try:
        address = _WEB_ADDRESS.validate_python(whole)
    except ValidationError:
        return None
    return address if re.match(r"https?://[^/?#]+\.[^/?#]+", address) else None
