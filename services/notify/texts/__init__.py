"""The texts of messages, one file for each language, read and checked when the service starts."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluss_contracts.vocabulary import MeetingMode, MessageTemplate, NoticeTemplate

_FILLED_IN = frozenset(
    {
        "when",
        "where",
        "host",
        "link",
        "until",
        "at_time",
        "instead",
        "host_meets",
        "there",
        "at_place",
        "answer",
    }
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """One message: its subject where the channel has one, and what it says."""

    subject: str = Field(min_length=1, max_length=80)
    body: str = Field(min_length=1, max_length=600)

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Text:
        asked = {name for _, name, _, _ in Formatter().parse(self.subject + self.body) if name is not None}
        if unknown := asked - _FILLED_IN:
            raise ValueError(f"{sorted(unknown)} cannot be filled in; these can: {sorted(_FILLED_IN)}")
        return self


class Texts(_Part):
    """All that is written in one language."""

    locale: str
    time: str
    """How a moment is written (CLDR pattern)."""
    hello: str
    hello_you: str
    in_place_of: str
    """What a guardian is told who is written to in a minor's place; `your_child` where no name is known."""
    your_child: str
    signed: str
    by_link: str
    """How one answers about a meeting; `by_word` where there is no link."""
    by_word: str
    at_time: str
    host_meets: str
    instead: str
    """Of a session that is moved: when it was to be."""
    place: str
    new_place: str
    at_place: str
    """Of a session that does not take place: where it would have been."""
    digital: str
    also_digital: str
    way: str
    """The address of a page that tells how one gets there."""
    way_in: str
    """The address of a page that tells how one takes part digitally."""
    where: dict[MeetingMode, str]
    templates: dict[MessageTemplate, Text]
    notices: dict[NoticeTemplate, Text]
    """To providers."""
    neutral: Text
    """To somebody whose whereabouts are protected, whatever there is to tell."""

    @model_validator(mode="after")
    def _complete(self) -> Texts:
        missing = [
            *(set(MessageTemplate) - set(self.templates)),
            *(set(NoticeTemplate) - set(self.notices)),
            *(set(MeetingMode) - set(self.where)),
        ]
        if missing:
            raise ValueError(f"nothing is written for {sorted(word.value for word in missing)}")
        return self


@cache
def languages() -> dict[str, Texts]:
    """The languages there are texts in, Swedish first. Raises `pydantic.ValidationError`."""
    found = {}
    for file in files("services.notify.texts").iterdir():
        if file.name.endswith(".toml"):
            read = tomllib.loads(file.read_text(encoding="utf-8"))
            found[file.name.removesuffix(".toml")] = Texts.model_validate(read)
    return {language: found[language] for language in sorted(found, key=lambda name: (name != "sv", name))}
