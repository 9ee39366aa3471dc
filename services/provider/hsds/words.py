"""Our words as taxonomies of the standard: a service has an attribute for each word it goes by.

The standard has no field for what an activity is good for, how many fit in or whether one must be accepted;
it has attributes, which name a term of a taxonomy and may hold a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.provider.hsds.ids import id_of
from services.provider.hsds.texts import entries, part
from sluss_contracts.offering import Access, ActivityCategory, Interest, Mode
from sluss_contracts.vocabulary import Acceptance, Gender, Need, OrganisationKind, PrescriptionKind


class Fact(StrEnum):
    """What is told with a value of its own."""

    AREA = "area"
    CAPACITY = "capacity"
    HOSTED = "hosted"
    TIMES = "times"
    HEALTH = "health"


@dataclass(frozen=True)
class Taxonomy:
    """One of ours: its name, and the words it has today."""

    name: str
    meaning: str
    words: type[StrEnum]

    @property
    def id(self) -> str:
        """For ever the same."""
        return id_of("taxonomy", self.name)

    def document(self) -> dict[str, Any]:
        """The taxonomy as the standard writes it."""
        return {"id": self.id, "name": self.name, "description": self.meaning, "version": "1"}

    def term(self, code: str) -> dict[str, Any]:
        """One of its terms as the standard writes it, known or not."""
        name = code.replace("_", " ")
        return {
            "id": id_of("taxonomy_term", self.name, code),
            "code": code,
            "name": name.capitalize(),
            "description": f"{self.meaning}: {name}",
            "taxonomy": self.name,
            "taxonomy_id": self.id,
            "language": "eng",
        }

    def terms(self) -> Iterator[dict[str, Any]]:
        """All it has today."""
        return (self.term(word.value) for word in self.words)


KIND = Taxonomy("sluss-kind", "What kind of prescription it is", PrescriptionKind)
NEED = Taxonomy("sluss-need", "What it helps with", Need)
CATEGORY = Taxonomy("sluss-category", "What sort of activity it is", ActivityCategory)
INTEREST = Taxonomy("sluss-interest", "What whoever comes likes to do", Interest)
ACCESS = Taxonomy("sluss-access", "What makes it possible for more people to come", Access)
MODE = Taxonomy("sluss-mode", "Where one takes part", Mode)
ACCEPTANCE = Taxonomy("sluss-acceptance", "Whether somebody must say yes before one comes", Acceptance)
GENDER = Taxonomy("sluss-gender", "Whom it is for, where it is not for everybody", Gender)
FACT = Taxonomy("sluss-fact", "What else is told of it, with a value", Fact)
ORGANISATION = Taxonomy("sluss-organisation", "What kind of organisation it is", OrganisationKind)

OURS = {
    each.id: each
    for each in (KIND, NEED, CATEGORY, INTEREST, ACCESS, MODE, ACCEPTANCE, GENDER, FACT, ORGANISATION)
}


OUR_TERMS = {term["id"]: term for each in OURS.values() for term in each.terms()}


def codes(document: Mapping[str, Any], taxonomy: Taxonomy) -> tuple[str, ...]:
    """The words of a taxonomy that the document's attributes name."""
    return tuple(part(each, "taxonomy_term")["code"] for each in _of(document, taxonomy))


def value(document: Mapping[str, Any], fact: Fact) -> str | None:
    """What is told of one fact."""
    found = (each.get("value") for each in _of(document, FACT) if part(each, "taxonomy_term")["code"] == fact)
    return next((each for each in found if isinstance(each, str)), None)


def name_codes(document: dict[str, Any], entity: str, taxonomy: Taxonomy, wanted: Sequence[str]) -> None:
    """Let the document's attributes name these words of the taxonomy, and no others of it."""
    _replace(
        document,
        _of(document, taxonomy),
        (_attribute(document, entity, taxonomy, code) for code in wanted),
    )


def tell_value(document: dict[str, Any], entity: str, fact: Fact, told: str | None) -> None:
    """Let an attribute tell this; None takes it away."""
    before = [each for each in _of(document, FACT) if part(each, "taxonomy_term")["code"] == fact]
    new = [] if told is None else [{**_attribute(document, entity, FACT, fact.value), "value": told}]
    _replace(document, before, new)


def known_words(document: Mapping[str, Any], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Words of ours that terms of another taxonomy are called by, letter for letter: `Language café`."""
    found = []
    for attribute in entries(document, "attributes"):
        term = part(attribute, "taxonomy_term")
        for name in ("code", "name"):
            word = str(term.get(name, "")).strip().lower().replace("é", "e").replace(" ", "_")
            if word in set(taxonomy.words) and word not in found:
                found.append(word)
    return tuple(found)


def _of(document: Mapping[str, Any], taxonomy: Taxonomy) -> list[dict[str, Any]]:
    return [
        each
        for each in entries(document, "attributes")
        if part(each, "taxonomy_term").get("taxonomy_id") == taxonomy.id
        and isinstance(part(each, "taxonomy_term").get("code"), str)
    ]


def _replace(
    document: dict[str, Any], before: Sequence[dict[str, Any]], new: Iterable[dict[str, Any]]
) -> None:
    gone = {id(each) for each in before}
    left = [each for each in document.get("attributes", []) if id(each) not in gone] + list(new)
    if left:
        document["attributes"] = left
    else:
        document.pop("attributes", None)


def _attribute(document: Mapping[str, Any], entity: str, taxonomy: Taxonomy, code: str) -> dict[str, Any]:
    link, term = str(document["id"]), taxonomy.term(code)
    return {
        "id": id_of("attribute", link, taxonomy.name, code),
        "link_id": link,
        "link_entity": entity,
        "taxonomy_term_id": term["id"],
        "taxonomy_term": term,
    }
