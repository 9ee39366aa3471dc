"""The registry of organisations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.referral.domain.organisation import (
    Organisation,
    OrganisationIsRevoked,
    UnknownOrganisation,
    evolve,
    register,
    revoke,
)
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.event import Fact
from sluss_contracts.organisation import OrganisationAmended, OrganisationRegistered, OrganisationRevoked
from tests.referral.requests import CLINIC, OPERATOR


def wish(**changed: Any) -> RegisterOrganisation:
    details = {"organisation": CLINIC, "name": "Vårdcentralen City", "kind": "clinic", "area": "norrkoping"}
    return RegisterOrganisation(command_id=UUID(int=1), actor=OPERATOR, **(details | changed))


def registered(*then: Fact) -> Organisation:
    state: Organisation | None = None
    for fact in (*register(None, wish()), *then):
        state = evolve(state, fact)  # type: ignore[arg-type]
    assert state is not None
    return state


def test_an_organisation_is_registered_once() -> None:
    (fact,) = register(None, wish())
    assert isinstance(fact, OrganisationRegistered)
    assert register(registered(), wish()) == []


def test_registering_it_otherwise_amends_it() -> None:
    (fact,) = register(registered(), wish(name="Vårdcentralen Centrum"))
    assert isinstance(fact, OrganisationAmended)
    assert registered(fact).name == "Vårdcentralen Centrum"


def test_revoking_twice_is_revoking_once() -> None:
    (fact,) = revoke(registered(), "agreement_ended", CLINIC)
    assert isinstance(fact, OrganisationRevoked)
    revoked = registered(fact)
    assert revoked.revoked == "agreement_ended"
    assert revoke(revoked, "agreement_ended", CLINIC) == []


def test_reading_an_old_file_in_does_not_bring_a_revoked_organisation_back() -> None:
    revoked = registered(*revoke(registered(), "agreement_ended", CLINIC))
    with pytest.raises(OrganisationIsRevoked):
        register(revoked, wish())


def test_nobody_revokes_what_was_never_registered() -> None:
    with pytest.raises(UnknownOrganisation):
        revoke(None, "agreement_ended", CLINIC)
