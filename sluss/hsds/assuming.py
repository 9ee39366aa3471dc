"""What the catalogue asks for and a record does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.provider.hsds.ids import area_of
from services.provider.hsds.organisation import entry_in
from services.provider.hsds.places import venue_in
from services.provider.hsds.service import ROWS
from services.provider.hsds.shapes import Entity
from services.provider.hsds.texts import entries, text
from services.provider.hsds.words import CATEGORY, INTEREST, NEED, known_words
from sluss.hsds.terms import Terms, Unready
from sluss_contracts.command import Fault
from sluss_contracts.offering import ActivityCategory, Interest
from sluss_contracts.outside_record import Assumed
from sluss_contracts.vocabulary import Need


def assumed_of_service(document: Mapping[str, Any], terms: Terms) -> Assumed:
    """What is assumed of what the document does not say; a word of ours under another name is taken up."""
    guessed = {
        "needs": tuple(Need(word) for word in known_words(document, NEED)),
        "category": next((ActivityCategory(word) for word in known_words(document, CATEGORY)), None),
        "interests": tuple(Interest(word) for word in known_words(document, INTEREST)),
        "area": _area(document),
    }
    silent = [row.name for row in ROWS if row.read(document) in (None, ())]
    names = set(Assumed.model_fields) & set(silent)
    return Assumed(**{name: guessed.get(name) or getattr(terms.assumed, name) for name in names})


def _area(document: Mapping[str, Any]) -> str | None:
    venue = venue_in(document)
    return area_of(venue.town) if venue and venue.town else None


def assumed_of_organization(entity: Entity, terms: Terms) -> Assumed:
    cities = (
        text(address, "city")
        for location in entries(entity.document, "locations")
        for address in entries(location, "addresses")
    )
    area = next((area_of(city) for city in cities if city and area_of(city)), terms.assumed.area)
    return Assumed(area=area, organisation_kind=terms.assumed.organisation_kind)


def entry_of(document: Mapping[str, Any], assumed: Assumed) -> dict[str, Any]:
    entry = entry_in(document, assumed)
    if not entry["area"]:
        raise _not_said("area")
    return entry


def complete(said: Mapping[str, Any]) -> dict[str, Any]:
    """Raises `Unready` where the catalogue needs more than anybody says."""
    for name in ("area", "capacity", "needs"):
        if not said[name]:
            raise _not_said({"needs": "need"}.get(name, name))
    return dict(said)


def _not_said(option: str) -> Unready:
    remedy = f"The record does not say it, and it is needed: say what is assumed, --{option}."
    return Unready(Fault(path="/attributes", code="not_said", remedy=remedy))
