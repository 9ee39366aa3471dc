"""The services' registries: what each reads, does and owns. Importing them connects to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from services.runtime.service import Service
from sluss.ledger import SERVICES


def registries() -> Mapping[str, Service]:
    """Each service's registry, by name."""
    return {name: import_module(f"services.{name}.app").service for name in SERVICES}


def readers() -> Mapping[str, Service]:
    """The same with the console, which owns nothing and says nothing, yet is as far behind as it was
    stopped."""
    return {**registries(), "console": import_module("services.console.app").service}
