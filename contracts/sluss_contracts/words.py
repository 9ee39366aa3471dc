"""Vocabularies that may grow: whoever reads keeps a word they do not know, whoever writes may not invent one.

A closed vocabulary (a plain `StrEnum`) is part of the contract: a new word would break every reader, so it
needs a new major version. An open one promises its readers that words will be added, and makes them cope.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Self, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

WORD = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
"""What any word of an open vocabulary looks like, known or not."""


class OpenVocabulary(StrEnum):
    """A vocabulary that may grow within a major version.

    An unknown but well-formed word becomes a member-like value that compares and prints as itself and is
    in no list of members, so that a service of yesterday can read, keep and pass on what one of tomorrow
    says. Fields that others fill in (commands, submissions) are `Annotated[…, Known]` and refuse it.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not WORD.fullmatch(value):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word

    @property
    def known(self) -> bool:
        """Whether this version of the contracts has the word."""
        return self._value_ in type(self)._value2member_map_


V = TypeVar("V", bound=OpenVocabulary)


def _refuse_unknown(word: V) -> V:
    if word.known:
        return word
    expected = ", ".join(repr(member.value) for member in type(word))
    raise PydanticCustomError("enum", "Input should be one of {expected}", {"expected": expected})


Known: Any = AfterValidator(_refuse_unknown)
"""Marks a field of an open vocabulary that takes only the words of this version."""
