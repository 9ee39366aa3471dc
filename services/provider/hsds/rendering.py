"""One row as the standard writes it: what was carried, with what is said here now written over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.provider.hsds import shapes
from services.provider.hsds.ids import id_of
from services.provider.hsds.organisation import organization
from services.provider.hsds.service import empty_service, said_of, with_times, written
from sluss_contracts.offering import Described
from sluss_contracts.outside_record import Assumed
from sluss_contracts.schedule import Timetable

Document = dict[str, Any]


def service_in(row: Mapping[str, Any]) -> Document:
    """A service, without who runs it. A record that never became an activity is as it was."""
    carried, told = row["document"], row["told"]
    if told is None:
        return dict(carried)
    offer = Described.model_validate(told)
    runs = row["organization_id"] or organization_id(offer.provider)
    base = carried or empty_service(offer.activity, offer.title, runs)
    made = written(base, said_of(offer), _assumed(row["assumed"]))
    timetable = Timetable.model_validate(row["timetable"]) if row["timetable"] is not None else None
    made = with_times(made, timetable)
    if made != carried:
        made["last_modified"] = moment(row["modified"])
    return made


def organization_in(row: Mapping[str, Any], prefix: str = "") -> Document:
    """An organization, without what it runs."""
    carried = row[f"{prefix}document"]
    if row["name"] is None:
        return dict(carried)
    entry = {name: row[name] for name in ("name", "kind", "area")}
    return organization(carried, row["provider"], entry, _assumed(row[f"{prefix}assumed"]))


def named_in(service: Document) -> tuple[list[str], list[str], list[str]]:
    """What a service may be asked for by: its terms, their taxonomies, and its places; each id once."""
    terms = list(shapes.terms_in(service))
    taxonomies = (taxonomy_of(term) for term in terms)
    places = (str(each["id"]).lower() for each in service.get("service_at_locations", []))
    return (
        sorted({str(term["id"]).lower() for term in terms}),
        sorted({taxonomy for taxonomy in taxonomies if taxonomy}),
        sorted(set(places)),
    )


def taxonomy_of(term: Mapping[str, Any]) -> str | None:
    """The id of the taxonomy a term belongs to, where that is said."""
    detail = term.get("taxonomy_detail")
    named = term.get("taxonomy_id") or (detail.get("id") if isinstance(detail, dict) else None)
    return str(named).lower() if named else None


def organization_id(provider: str) -> str:
    """The id of an organization that began here."""
    return id_of("provider", provider)


def moment(at: datetime) -> str:
    """A point in time as the standard writes it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _assumed(kept: Any) -> Assumed:
    return Assumed.model_validate(kept) if kept else Assumed()
