"""What is wrong with a change, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rule a change breaks; the text says why it is one."""

    SCHEMA_REMOVED = "a published contract is gone: a new major stands beside the old for twelve months"
    FIELD_REMOVED = "a field is gone: whoever reads or sends it breaks"
    FIELD_REQUIRED = "a field is required that was not: what is stored, or still sent, does not have it"
    FIELD_OPTIONAL = "a field may be missing that never was: readers rely on it"
    FIELD_ADDED_TO_CLOSED = "a field is added that readers were told to refuse"
    TYPE_CHANGED = "the type is another"
    TYPE_NARROWED = "a type is no longer allowed"
    TYPE_WIDENED = "a type is allowed that readers do not know"
    CONST_CHANGED = "the constant is another"
    WORDS_REMOVED = "words are gone that are stored, or still sent"
    WORDS_ADDED = "words are added that readers do not accept"
    WORDS_OPENED = "any word is allowed where readers know a list"
    WORDS_CLOSED = "only listed words are allowed where any was"
    LIMIT_TIGHTENED = "the limit is tighter: what is stored, or still sent, breaks it"
    LIMIT_LOOSENED = "the limit is looser: readers do not expect what it lets through"
    FORM_CHANGED = "the pattern or format is another"
    DEFAULT_CHANGED = "leaving it out means something else"
    ALTERNATIVE_REMOVED = "an alternative is gone that is stored, or still sent"
    ALTERNATIVE_ADDED = "an alternative is added that readers do not know"
    CLOSED = "unknown fields are refused that were let through"
    OPENED = "unknown fields are let through that readers were told to refuse"
    MEANING_CHANGED = "it belongs, is ordered or travels otherwise"
    NOT_JUDGED = "a keyword differs that this gate cannot judge"


@dataclass(frozen=True)
class Breach:
    """One change that breaks somebody."""

    schema: str
    path: str
    """Where in a document: `$.data.needs[]`."""
    rule: Rule
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.schema} {self.path}: {self.rule.name.lower()}: {self.rule.value}{detail}"
