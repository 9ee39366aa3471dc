"""What a document of the standard must be: every field of HSDS 3.0, and which cannot be left out.

From https://github.com/openreferral/specification, version 3.0. Fields the standard does not have are let
through, as its schemas let them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.provider.hsds.shapes import AT_LOCATION
from sluss_contracts.outside_record import RecordKind

Id = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
    ),
]
Text = str | None
Number = Annotated[int | float, Field(allow_inf_nan=False)] | None
Written = Annotated[str, StringConstraints(pattern=r"\S")]
"""Says something."""
OtherId = Id | None
Place = Literal["physical", "postal", "virtual"]


class _Entity(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    id: Id


class Metadata(_Entity):
    resource_id: OtherId = None
    resource_type: Text = None
    last_action_date: str
    last_action_type: str
    field_name: str
    previous_value: str
    replacement_value: str
    updated_by: str


class Taxonomy(_Entity):
    name: Written
    description: str
    uri: Text = None
    version: Text = None
    metadata: list[Metadata] | None = None


class TaxonomyTerm(_Entity):
    code: Text = None
    name: Written
    description: str
    parent_id: OtherId = None
    taxonomy: Text = None
    taxonomy_detail: Taxonomy | None = None
    language: Text = None
    taxonomy_id: OtherId = None
    term_uri: Text = None
    metadata: list[Metadata] | None = None


class Attribute(_Entity):
    link_id: OtherId = None
    taxonomy_term_id: OtherId = None
    link_type: Text = None
    link_entity: Text = None
    value: Text = None
    taxonomy_term: TaxonomyTerm | None = None
    metadata: list[Metadata] | None = None


class _Told(_Entity):
    attributes: list[Attribute] | None = None
    metadata: list[Metadata] | None = None


class Language(_Told):
    service_id: OtherId = None
    location_id: OtherId = None
    phone_id: OtherId = None
    name: Text = None
    code: Text = None
    note: Text = None


class _Linked(_Told):
    service_id: OtherId = None
    location_id: OtherId = None
    organization_id: OtherId = None
    service_at_location_id: OtherId = None


class Phone(_Linked):
    contact_id: OtherId = None
    number: str
    extension: Number = None
    type: Text = None
    description: Text = None
    languages: list[Language] | None = None


class Contact(_Linked):
    name: Text = None
    title: Text = None
    department: Text = None
    email: Text = None
    phones: list[Phone] | None = None


class Schedule(_Told):
    service_id: OtherId = None
    location_id: OtherId = None
    service_at_location_id: OtherId = None
    valid_from: Text = None
    valid_to: Text = None
    dtstart: Text = None
    timezone: Number = None
    until: Text = None
    count: Number = None
    wkst: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"] | None = None
    freq: Literal["WEEKLY", "MONTHLY"] | None = None
    interval: Number = None
    byday: Text = None
    byweekno: Text = None
    bymonthday: Text = None
    byyearday: Text = None
    description: Text = None
    opens_at: Text = None
    closes_at: Text = None
    schedule_link: Text = None
    attending_type: Text = None
    notes: Text = None


class Address(_Told):
    location_id: OtherId = None
    attention: Text = None
    address_1: str
    address_2: Text = None
    city: str
    region: Text = None
    state_province: str
    postal_code: str
    country: str
    address_type: Place


class Accessibility(_Told):
    location_id: OtherId = None
    description: Text = None
    details: Text = None
    url: Text = None


class Location(_Told):
    location_type: Place
    url: Text = None
    organization_id: OtherId = None
    name: Text = None
    alternate_name: Text = None
    description: Text = None
    transportation: Text = None
    latitude: Number = None
    longitude: Number = None
    external_identifier: Text = None
    external_identifier_type: Text = None
    languages: list[Language] | None = None
    addresses: list[Address] | None = None
    contacts: list[Contact] | None = None
    accessibility: list[Accessibility] | None = None
    phones: list[Phone] | None = None
    schedules: list[Schedule] | None = None


class Funding(_Told):
    organization_id: OtherId = None
    service_id: OtherId = None
    source: Text = None


class Program(_Told):
    organization_id: OtherId = None
    name: str
    alternate_name: Text = None
    description: str


class OrganizationIdentifier(_Told):
    organization_id: OtherId = None
    identifier_scheme: Text = None
    identifier_type: str
    identifier: str


class ServiceArea(_Told):
    service_id: OtherId = None
    name: Text = None
    description: Text = None
    extent: Text = None
    extent_type: Text = None
    uri: Text = None


class CostOption(_Told):
    service_id: OtherId = None
    valid_from: Text = None
    valid_to: Text = None
    option: Text = None
    currency: Text = None
    amount: Number = None
    amount_description: Text = None


class RequiredDocument(_Told):
    service_id: OtherId = None
    document: Text = None
    uri: Text = None


class ServiceAtLocation(_Told):
    service_id: OtherId = None
    location_id: OtherId = None
    description: Text = None
    contacts: list[Contact] | None = None
    phones: list[Phone] | None = None
    schedules: list[Schedule] | None = None
    location: Location | None = None


class Organization(_Told):
    name: Written
    alternate_name: Text = None
    description: str
    email: Text = None
    website: Text = None
    tax_status: Text = None
    tax_id: Text = None
    year_incorporated: Number = None
    legal_status: Text = None
    logo: Text = None
    uri: Text = None
    parent_organization_id: OtherId = None
    funding: list[Funding] | None = None
    contacts: list[Contact] | None = None
    phones: list[Phone] | None = None
    locations: list[Location] | None = None
    programs: list[Program] | None = None
    organization_identifiers: list[OrganizationIdentifier] | None = None


class Service(_Told):
    organization_id: OtherId = None
    program_id: OtherId = None
    name: Written
    alternate_name: Text = None
    description: Text = None
    url: Text = None
    email: Text = None
    status: Literal["active", "inactive", "defunct", "temporarily closed"]
    interpretation_services: Text = None
    application_process: Text = None
    fees_description: Text = None
    wait_time: Text = None
    fees: Text = None
    accreditations: Text = None
    eligibility_description: Text = None
    minimum_age: Number = None
    maximum_age: Number = None
    assured_date: Text = None
    assurer_email: Text = None
    licenses: Text = None
    alert: Text = None
    last_modified: Text = None
    phones: list[Phone] | None = None
    schedules: list[Schedule] | None = None
    service_areas: list[ServiceArea] | None = None
    service_at_locations: list[ServiceAtLocation] | None = None
    languages: list[Language] | None = None
    organization: Organization | None = None
    funding: list[Funding] | None = None
    cost_options: list[CostOption] | None = None
    program: Program | None = None
    required_documents: list[RequiredDocument] | None = None
    contacts: list[Contact] | None = None


class OrganizationWithServices(Organization):
    services: list[Service] | None = None


class AtLocationWithService(ServiceAtLocation):
    service: Service | None = None


MODELS: dict[str, type[BaseModel]] = {
    RecordKind.SERVICE: Service,
    RecordKind.ORGANIZATION: OrganizationWithServices,
    RecordKind.TAXONOMY: Taxonomy,
    RecordKind.TAXONOMY_TERM: TaxonomyTerm,
    AT_LOCATION: AtLocationWithService,
}
