"""What the services do is what the contracts say they do: nothing undeclared is said, read or answered."""

from __future__ import annotations

import importlib

import pytest

from services.runtime.service import Service
from sluss_contracts.command import COMMANDS
from sluss_contracts.event import FACTS, Audience

NAMES = ("referral", "navigator", "provider", "notify")


@pytest.fixture(params=NAMES)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = importlib.import_module(f"services.{request.param}.app").service
    assert found.name == request.param
    return found


def test_a_service_reads_exactly_what_is_declared(service: Service) -> None:
    declared = {
        fact.TYPE
        for fact in FACTS.values()
        if service.name in fact.READ_BY and fact.AUDIENCE is Audience.NETWORK
    }
    assert {fact.TYPE for fact in service.reads()} == declared


def test_a_service_answers_every_command_it_owns(service: Service) -> None:
    assert set(service.commands) == {
        command for command in COMMANDS.values() if service.name == command.OWNER
    }


def test_a_service_owns_every_kind_it_speaks_of(service: Service) -> None:
    spoken_of = {
        fact.AGGREGATE
        for fact in FACTS.values()
        if service.name == fact.SAID_BY and fact.AUDIENCE is not Audience.INGRESS
    }
    assert set(service.aggregates) == spoken_of


def test_a_service_projects_its_own_events_alone(service: Service) -> None:
    for facts, _ in service.projections:
        assert {fact.SAID_BY for fact in facts} == {service.name}
    for facts, _ in service.absorbers:
        assert service.name not in {fact.SAID_BY for fact in facts}


def test_everything_is_said_by_a_service_there_is() -> None:
    for fact in FACTS.values():
        assert fact.SAID_BY in NAMES or fact.AUDIENCE is Audience.INGRESS
    assert {owner for owner, _ in COMMANDS} == set(NAMES)
