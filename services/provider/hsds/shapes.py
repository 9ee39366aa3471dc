"""Documents taken apart into records, and put together again.

The standard nests: a service holds its organization, an organization its services, a service at a location
both. Each thing is kept once. Where another was nested stands its id alone (`"organization": {"id": …}`), and
it is put back where a document is asked for whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.provider.hsds.texts import entries, part
from sluss_contracts.outside_record import RecordKind

Document = dict[str, Any]

AT_LOCATION = "service_at_location"
"""What has an endpoint of its own, and is kept with its service."""

SHAPES = (*(kind.value for kind in RecordKind), AT_LOCATION)

NOT_FOR_EVERYBODY = frozenset({"contacts", "assurer_email", "attention", "metadata"})
"""Names of people in their work: kept, exported to whoever runs the network, and told to nobody else."""


@dataclass(frozen=True)
class Entity:
    """One thing that a document tells of."""

    kind: RecordKind
    document: Document
    path: str = ""
    """Where it stands in the document it came in, as a JSON Pointer."""
    organization: str | None = None
    """For a service: the id of who runs it, where that is said."""
    partial: bool = False
    """Whether it is only a part of something that must be known already."""

    @property
    def id(self) -> str:
        """Its id where it comes from."""
        return str(self.document["id"]).lower()


def shape_of(document: Mapping[str, Any], hint: str | None = None) -> str:
    """What a document is, by what only that has; `hint` decides between those that look alike."""
    if (
        "service" in document
        or ("location" in document and "name" not in document)
        or "service_id" in document
    ):
        return AT_LOCATION
    if {"taxonomy", "taxonomy_id", "taxonomy_detail", "term_uri", "parent_id"} & set(document):
        return RecordKind.TAXONOMY_TERM.value
    if "status" in document or {"organization", "organization_id", "service_at_locations"} & set(document):
        return RecordKind.SERVICE.value
    if hint in SHAPES:
        return str(hint)
    if "version" in document and "services" not in document:
        return RecordKind.TAXONOMY.value
    return RecordKind.ORGANIZATION.value


def entities(shape: str, document: Mapping[str, Any]) -> Iterator[Entity]:
    """Everything a sound document tells of, whoever runs something before what they run."""
    said = _without_nulls(document)
    match shape:
        case "service":
            yield from _service(said, "")
        case "organization":
            nested = said.pop("services", [])
            yield Entity(RecordKind.ORGANIZATION, said)
            for number, each in enumerate(nested):
                yield from _service(
                    {**each, "organization": {"id": said["id"]}}, f"/services/{number}", stub=False
                )
        case "service_at_location":
            yield from _at_location(said)
        case _:
            yield Entity(RecordKind(shape), said)


def _service(said: Document, path: str, *, stub: bool = True) -> Iterator[Entity]:
    nested = part(said, "organization")
    runs = str(nested.get("id") or said.get("organization_id") or "").lower() or None
    if stub and len(nested) > 1:
        nested.pop("services", None)
        yield Entity(RecordKind.ORGANIZATION, nested, f"{path}/organization")
    kept = {name: value for name, value in said.items() if name != "organization"}
    if nested and stub:
        kept["organization"] = {"id": nested["id"]}
    yield Entity(RecordKind.SERVICE, kept, path, runs)


def _at_location(said: Document) -> Iterator[Entity]:
    nested = said.pop("service", None)
    if nested is None:
        alone = {"id": said.get("service_id"), "service_at_locations": [said]}
        yield Entity(RecordKind.SERVICE, alone, partial=True)
        return
    others = [each for each in entries(nested, "service_at_locations") if each.get("id") != said["id"]]
    yield from _service({**nested, "service_at_locations": [*others, said]}, "/service")


def merged(kept: Mapping[str, Any] | None, new: Entity) -> Document:
    """What is known after a record has been read again. What it does not say, it does not take back: a list
    tells less of each thing than the thing's own page."""
    if kept is None:
        return new.document
    made = {**kept, **new.document}
    if new.partial:
        told = {each.get("id"): each for each in new.document["service_at_locations"]}
        before = [told.pop(each.get("id"), each) for each in entries(kept, "service_at_locations")]
        made["service_at_locations"] = [*before, *told.values()]
    return made


def whole_service(service: Document, organization: Document | None) -> Document:
    """A service with who runs it."""
    made = {name: value for name, value in service.items() if name != "organization"}
    return {**made, "organization": organization} if organization else made


def listed_service(service: Document, organization: Document | None) -> Document:
    """What a list tells of a service: what there is one of."""
    made = one_to_one(service)
    if organization:
        made["organization"] = one_to_one(organization)
    if program := part(service, "program"):
        made["program"] = one_to_one(program)
    return made


def whole_at_location(service: Document, organization: Document | None, id: str) -> Document | None:
    """A service at one of its locations, with the service; None where it is not there."""
    for each in entries(service, "service_at_locations"):
        if str(each.get("id", "")).lower() == id:
            rest = {name: value for name, value in service.items() if name != "service_at_locations"}
            return {**each, "service": whole_service(rest, organization)}
    return None


def one_to_one(document: Mapping[str, Any]) -> Document:
    """The fields of a document that hold one value."""
    return {name: value for name, value in document.items() if not isinstance(value, list | dict)}


def for_everybody(value: Any) -> Any:
    """The same without the names of people."""
    match value:
        case dict():
            shown = ((name, inner) for name, inner in value.items() if name not in NOT_FOR_EVERYBODY)
            return {name: for_everybody(inner) for name, inner in shown}
        case list():
            return [for_everybody(each) for each in value]
        case _:
            return value


def terms_in(value: Any) -> Iterator[Document]:
    """Every term of a taxonomy that a document names, at any depth."""
    match value:
        case dict():
            if isinstance(term := value.get("taxonomy_term"), dict):
                yield term
            for inner in value.values():
                yield from terms_in(inner)
        case list():
            for each in value:
                yield from terms_in(each)


def _without_nulls(value: Any) -> Any:
    """A null says nothing, and no field of the standard may hold one."""
    match value:
        case dict():
            return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [_without_nulls(each) for each in value]
        case _:
            return value
