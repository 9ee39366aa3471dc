"""A provider as the standard's organization, and back.

| HSDS | here |
|---|---|
| `name` | `name` |
| an attribute of the taxonomy `sluss-organisation` | `kind` |
| an attribute `area` of the taxonomy `sluss-fact` | `area` |

All else is carried.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from services.provider.hsds import words
from services.provider.hsds.ids import area_of, id_of
from services.provider.hsds.texts import text
from services.provider.hsds.words import ORGANISATION, Fact
from sluss_contracts.outside_record import Assumed
from sluss_contracts.vocabulary import OrganisationKind

NAMELESS = "–"


def entry_in(document: Mapping[str, Any], assumed: Assumed) -> dict[str, Any]:
    """What the document says of a provider; where it says nothing, what was assumed."""
    kinds = words.codes(document, ORGANISATION)
    kind = OrganisationKind(kinds[0]) if kinds else assumed.organisation_kind or OrganisationKind.OTHER
    area = area_of(words.value(document, Fact.AREA) or "") or assumed.area
    return {"name": text(document, "name") or NAMELESS, "kind": kind, "area": area}


def organization(
    document: Mapping[str, Any] | None, provider: str, entry: Mapping[str, Any], assumed: Assumed
) -> dict[str, Any]:
    """The organization, with what is said of the provider now written over what the document says
    otherwise."""
    made = deepcopy(dict(document)) if document else empty_organization(provider, entry["name"])
    before = entry_in(made, assumed)
    if before["name"] != entry["name"]:
        made["name"] = entry["name"]
    if before["kind"] != entry["kind"]:
        words.name_codes(made, "organization", ORGANISATION, [str(entry["kind"])])
    if before["area"] != entry["area"]:
        words.tell_value(made, "organization", Fact.AREA, entry["area"])
    return made


def empty_organization(provider: str, name: str) -> dict[str, Any]:
    """The document of what began here. The standard wants a description; the name is all there is."""
    return {"id": id_of("provider", provider), "name": name, "description": name}
