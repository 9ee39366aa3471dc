"""Where an activity takes place: the first location of the standard's service that one can go to.

| HSDS | here |
|---|---|
| `service_at_locations[].location.name` | `venue.name` |
| `…location.addresses[].address_1`, `postal_code`, `city` | `venue.street`, `postal_code`, `town` |
| `…location.latitude`, `longitude` | the same, where they are degrees |
| `…location.location_type` | `mode`, where no attribute tells it |

Further locations are carried.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.provider.hsds.ids import id_of
from services.provider.hsds.texts import entries, number, part, put, text
from services.provider.hsds.words import MODE, codes, name_codes
from sluss_contracts.offering import Mode, Venue

_POSTAL_CODE = re.compile(r"[0-9]{3} ?[0-9]{2}")
COUNTRY = "SE"


def venue_in(service: Mapping[str, Any]) -> Venue | None:
    """Where one goes, if anywhere."""
    found = _physical(service)
    if found is None:
        return None
    location, address = part(found, "location"), _address(part(found, "location"))
    name = text(location, "name") or text(address, "address_1") or text(address, "city")
    if name is None:
        return None
    latitude, longitude = number(location, "latitude", -90, 90), number(location, "longitude", -180, 180)
    postal_code = text(address, "postal_code")
    both = latitude is not None and longitude is not None
    return Venue(
        name=name,
        street=text(address, "address_1"),
        postal_code=postal_code if postal_code and _POSTAL_CODE.fullmatch(postal_code) else None,
        town=text(address, "city"),
        latitude=latitude if both else None,
        longitude=longitude if both else None,
    )


def put_venue(service: dict[str, Any], venue: Venue | None) -> None:
    """Write where one goes. None takes the location away, with what else was told of it there."""
    found = _physical(service)
    if venue is None:
        left = [each for each in entries(service, "service_at_locations") if each is not found]
        put(service, "service_at_locations", left or None)
        return
    if found is None:
        id = str(service["id"])
        location = {"id": id_of("location", id), "location_type": "physical"}
        found = {"id": id_of("service_at_location", id), "service_id": id, "location": location}
        service.setdefault("service_at_locations", []).insert(0, found)
    location = found["location"]
    location["name"] = venue.name
    put(location, "latitude", venue.latitude)
    put(location, "longitude", venue.longitude)
    _put_address(location, venue)


def _put_address(location: dict[str, Any], venue: Venue) -> None:
    """The standard wants an address whole: what is not known of it stays empty, or as it was."""
    address = _address(location)
    if not address:
        if not (venue.street or venue.postal_code or venue.town):
            return
        address = {
            "id": id_of("address", location["id"]),
            "location_id": location["id"],
            **dict.fromkeys(("address_1", "city", "state_province", "postal_code"), ""),
            "country": COUNTRY,
            "address_type": "physical",
        }
        location.setdefault("addresses", []).append(address)
    before = venue_of_address(address)
    now = {"address_1": venue.street, "postal_code": venue.postal_code, "city": venue.town}
    for name, value in now.items():
        if before[name] != value:
            address[name] = value or ""


def venue_of_address(address: Mapping[str, Any]) -> dict[str, str | None]:
    """What an address tells a venue, by the address' own names."""
    postal_code = text(address, "postal_code")
    return {
        "address_1": text(address, "address_1"),
        "postal_code": postal_code if postal_code and _POSTAL_CODE.fullmatch(postal_code) else None,
        "city": text(address, "city"),
    }


def mode_in(service: Mapping[str, Any]) -> Mode:
    """Where one takes part: as an attribute says, else by the kinds of its locations."""
    if told := codes(service, MODE):
        return Mode(told[0])
    kinds = {part(each, "location").get("location_type") for each in entries(service, "service_at_locations")}
    if "virtual" not in kinds:
        return Mode.ON_SITE
    return Mode.BOTH if "physical" in kinds else Mode.DIGITAL


def put_mode(service: dict[str, Any], mode: Mode) -> None:
    """Write where one takes part."""
    name_codes(service, "service", MODE, [mode.value])


def _physical(service: Mapping[str, Any]) -> dict[str, Any] | None:
    found = entries(service, "service_at_locations")
    return next((each for each in found if part(each, "location").get("location_type") == "physical"), None)


def _address(location: Mapping[str, Any]) -> dict[str, Any]:
    """The first address one can go to, else the first there is."""
    found = entries(location, "addresses")
    to_go_to = (each for each in found if each.get("address_type") == "physical")
    return next(to_go_to, found[0] if found else {})
