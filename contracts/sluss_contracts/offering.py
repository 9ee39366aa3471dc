"""What is said of an activity so that somebody can find it and judge whether it fits them.

Used by the events, by the commands that lead to them, and by whoever keeps or shows an activity. What is
free text here is written for the public; it never tells of a person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sluss_contracts.vocabulary import (
    Acceptance,
    Area,
    Gender,
    Language,
    LongText,
    Need,
    PrescriptionKind,
    ShortText,
    Slug,
)
from sluss_contracts.words import OpenVocabulary


class ActivityCategory(OpenVocabulary):
    """What sort of thing it is, as somebody would ask for it."""

    BEFRIENDING = "befriending"
    CHOIR = "choir"
    COURSE = "course"
    CRAFTS = "crafts"
    CULTURE = "culture"
    """A museum, a concert, a reading: culture on prescription."""
    DEBT_ADVICE = "debt_advice"
    DIGITAL_COURSE = "digital_course"
    DIGITAL_HELP = "digital_help"
    DROP_IN = "drop_in"
    """A door that is open: coffee, company, no programme."""
    ESCORT = "escort"
    EXERCISE = "exercise"
    """Physical activity on prescription: gymnastics, swimming, a gym."""
    GAMES = "games"
    GARDENING = "gardening"
    HOMEWORK_HELP = "homework_help"
    JOB_COACHING = "job_coaching"
    LANGUAGE_CAFE = "language_cafe"
    MEAL = "meal"
    OUTING = "outing"
    PARENTING = "parenting"
    STORY_TIME = "story_time"
    STUDY_CIRCLE = "study_circle"
    SUPPORT_LINE = "support_line"
    TALK_GROUP = "talk_group"
    THERAPY = "therapy"
    """A treatment such as CBT, given by somebody qualified."""
    VOLUNTEERING = "volunteering"
    """The person is the one who gives."""
    WALK = "walk"
    OTHER = "other"


class Interest(OpenVocabulary):
    """What somebody likes to do. A person's interest profile and an activity use the same words."""

    ANIMALS = "animals"
    ART = "art"
    BAKING = "baking"
    COFFEE = "coffee"
    CONVERSATION = "conversation"
    COOKING = "cooking"
    CRAFTS = "crafts"
    CYCLING = "cycling"
    DANCE = "dance"
    FAITH = "faith"
    FILM = "film"
    FISHING = "fishing"
    FOOTBALL = "football"
    GAMES = "games"
    GARDENING = "gardening"
    GYMNASTICS = "gymnastics"
    HELPING_OTHERS = "helping_others"
    HIKING = "hiking"
    HISTORY = "history"
    LANGUAGES = "languages"
    MUSIC = "music"
    NATURE = "nature"
    OUTDOORS = "outdoors"
    READING = "reading"
    SINGING = "singing"
    SPORT = "sport"
    SWIMMING = "swimming"
    TECHNOLOGY = "technology"
    THEATRE = "theatre"
    TRAVEL = "travel"
    WALKING = "walking"
    WOODWORK = "woodwork"
    WRITING = "writing"


class Mode(OpenVocabulary):
    """Where one takes part."""

    ON_SITE = "on_site"
    DIGITAL = "digital"
    BOTH = "both"


class Access(OpenVocabulary):
    """What makes it possible for more people to come."""

    STEP_FREE = "step_free"
    ACCESSIBLE_TOILET = "accessible_toilet"
    HEARING_LOOP = "hearing_loop"
    SIGN_LANGUAGE = "sign_language"
    EASY_LANGUAGE = "easy_language"
    QUIET = "quiet"
    SITTING_DOWN = "sitting_down"
    BUS_NEAR = "bus_near"
    PARKING = "parking"
    CHILDREN_WELCOME = "children_welcome"
    BRING_A_FRIEND = "bring_a_friend"
    BORROW_EQUIPMENT = "borrow_equipment"


class Per(StrEnum):
    """What a price is for."""

    TIME = "time"
    MONTH = "month"
    TERM = "term"
    YEAR = "year"
    WHOLE = "whole"


WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]
"""A page on the web, whole."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Venue(_Value):
    """Where it takes place, by the name people know it by."""

    name: ShortText
    street: ShortText | None = None
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3} ?[0-9]{2}$")] | None = None
    town: ShortText | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    """WGS 84, degrees."""
    longitude: float | None = Field(default=None, ge=-180, le=180)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude belong together: give both, or neither")
        return self


class Cost(_Value):
    """What it costs to take part; 0 is free of charge."""

    kronor: int = Field(ge=0, le=100_000)
    per: Per = Per.TIME
    note: ShortText | None = None
    """Who pays less, what is lent."""

    @property
    def free(self) -> bool:
        """Whether it costs nothing."""
        return self.kronor == 0


class Eligibility(_Value):
    """Whom it is for, where it is not for everybody."""

    from_age: int | None = Field(default=None, ge=0, le=120)
    to_age: int | None = Field(default=None, ge=0, le=120)
    """The last age that is welcome."""
    genders: tuple[Gender, ...] = Field(default=(), max_length=3)
    """Empty: everybody."""
    groups: tuple[ShortText, ...] = Field(default=(), max_length=12)
    """Who is meant, in words: "carers", "newly arrived"; shown, and judged by a human."""
    times: int | None = Field(default=None, ge=1, le=1000)
    """How often one person may come, where that is limited."""
    health: ShortText | None = None
    """A limit that concerns health, in the provider's words. A link worker judges it together with the
    person; neither the condition nor the result is told to anybody."""

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if self.from_age is not None and self.to_age is not None and self.to_age < self.from_age:
            raise ValueError("to_age is below from_age")
        return self


class Described(BaseModel):
    """What an activity is said to be. Everything from `about` on may be left out: it is then not known."""

    activity: Slug
    provider: Slug
    title: ShortText
    kind: PrescriptionKind
    needs: tuple[Need, ...] = Field(min_length=1)
    area: Area
    languages: tuple[Language, ...] = Field(min_length=1)
    capacity: int = Field(ge=1, le=10000)
    """How many may take part at the same time."""
    acceptance: Acceptance = Acceptance.REQUIRED
    about: LongText | None = None
    """A few sentences for whoever might come."""
    category: ActivityCategory | None = None
    interests: tuple[Interest, ...] = Field(default=(), max_length=20)
    mode: Mode = Mode.ON_SITE
    venue: Venue | None = None
    cost: Cost | None = None
    """None: not said; say 0 where it is free."""
    eligibility: Eligibility = Eligibility()
    access: tuple[Access, ...] = Field(default=(), max_length=20)
    hosted: bool = False
    """Whether a named host meets whoever comes for the first time."""
    page: WebAddress | None = None
