"""Where each pathway's made-up people live, who refers them there, and what is particular about the place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sluss_contracts.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Place:
    """A made-up place on one pathway. What is registered there stands in `sluss/people/places.toml`, for the
    open network in `sluss/registry/demo.toml`."""

    areas: tuple[str, ...]
    organisations: tuple[str, ...]
    channels: tuple[Channel, ...]
    language: str | None = "sv"
    """What everybody there speaks; None for a place of many languages."""
    other_area: str | None = None
    other_actor: str | None = None
    wide: bool = False
    """Several needs at a time is the usual thing."""


_NORRKOPING = ("norrkoping-centrum", "norrkoping-soder", "hageby", "vilbergen")

PLACES: Mapping[str, Place] = {
    "open-network": Place(
        areas=_NORRKOPING,
        organisations=("vc-strommen", "soc-norrkoping", "af-norrkoping", "vasaskolan"),
        channels=(Channel.STAFF, Channel.RELATIVE, Channel.WEB),
        language=None,
        other_area="hageby",
        other_actor="af-norrkoping",
    ),
    "tillsammans-skarptorp": Place(
        areas=("skarptorp",),
        organisations=("vc-skarptorp", "hemtjansten-skarptorp"),
        channels=(Channel.SELF, Channel.NATIONAL_HEALTH_PORTAL, Channel.PHONE),
        other_actor="hemtjansten-skarptorp",
    ),
    "sar-umea": Place(areas=("umea",), organisations=("vc-umea",), channels=(Channel.STAFF,)),
    "halsolots-hogsby": Place(
        areas=("hogsby",),
        organisations=("vc-hogsby", "hogsby-kommun"),
        channels=(Channel.SELF, Channel.PHONE),
        other_actor="hogsby-kommun",
    ),
    "frome-connectors": Place(
        areas=("frome",),
        organisations=("frome-practice",),
        channels=(Channel.SELF, Channel.RELATIVE),
        language="en",
    ),
    "bromley-by-bow": Place(
        areas=("bromley-by-bow",),
        organisations=("bromley-practice",),
        channels=(Channel.SELF, Channel.PHONE),
        language="en",
        wide=True,
    ),
}
"""By pathway."""
