"""Where a referral that ends here leads: where to turn, to another team, to another organisation."""

from __future__ import annotations

from services.referral.domain import ending
from services.referral.domain.ending import (
    NotAmongReceivers,
    NothingIsKept,
    ProtectedIsSentOnByHand,
    SameTeam,
    SayWhereToTurn,
)
from services.referral.domain.referral import Status
from sluss_contracts.referral import (
    ReferralDeclined,
    ReferralForwarded,
    ReferralLinked,
    ReferralRedirected,
)
from sluss_contracts.vocabulary import LinkKind, Whose
from tests.referral.domain.stories import (
    COPIED,
    EVERYTHING,
    SENDABLE,
    after,
    given,
    refused,
    submitted,
)
from tests.referral.requests import request


def test_who_is_screened_out_is_told_where_to_turn() -> None:
    refused(
        SayWhereToTurn,
        lambda: ending.decline(given(Status.OPEN), Whose.ELIGIBILITY, "social_phobia", screened_out=True),
    )
    (declined,) = ending.decline(
        given(Status.OPEN), Whose.ELIGIBILITY, "social_phobia", screened_out=True, turn_to="Psykologen, Eken"
    )
    assert isinstance(declined, ReferralDeclined)
    assert (declined.screened_out, declined.turn_to) == (True, "Psykologen, Eken")


def test_redirected_to_a_team_a_new_referral_goes_on_with_all_that_was_agreed() -> None:
    old = given(Status.OPEN)
    redirected, begun, tied, accepted = ending.redirect_to_team(old, "moved", "linkoping", COPIED)
    assert isinstance(redirected, ReferralRedirected)
    assert (redirected.to_area, redirected.replaced_by) == ("linkoping", COPIED.referral_id)
    new = after(begun, tied, accepted)
    assert (new.status, new.area, new.replaces) == (Status.OPEN, "linkoping", old.referral_id)
    kept = ("person", "organisation", "submission_id", "needs", "purposes", "receivers", "pathway_version")
    assert {name: getattr(new, name) for name in kept} == {name: getattr(old, name) for name in kept}
    assert isinstance(tied, ReferralLinked)
    assert (tied.how, tied.to) == (LinkKind.REPLACES, old.referral_id)


def test_it_is_not_redirected_to_the_team_that_has_it() -> None:
    refused(SameTeam, lambda: ending.redirect_to_team(given(Status.OPEN), "moved", request()["area"], COPIED))


def test_of_somebody_who_was_erased_nothing_can_go_along() -> None:
    refused(NothingIsKept, lambda: ending.redirect_to_team(given(Status.OPEN), "moved", "linkoping", None))


def test_another_organisation_is_sent_only_who_agreed_to_that_organisation() -> None:
    send = ending.redirect_to_organisation
    refused(NotAmongReceivers, lambda: send(given(Status.OPEN), "debt", "skuldradgivningen", SENDABLE))
    unasked = after(*submitted())
    refused(NotAmongReceivers, lambda: send(unasked, "debt", "korpen", SENDABLE))
    anybody = given(Status.OPEN).model_copy(update={"receivers": ()})
    refused(NotAmongReceivers, lambda: send(anybody, "debt", "korpen", SENDABLE))
    _, forwarded = send(given(Status.OPEN), "job_coaching", "korpen", SENDABLE)
    assert isinstance(forwarded, ReferralForwarded)
    assert (forwarded.organisation, forwarded.name) == ("korpen", SENDABLE.name)


def test_nobody_with_a_protected_identity_is_sent_on_by_itself() -> None:
    person = request()["person"] | {"protection": "confidential"}
    protected = after(*submitted(person=person, **EVERYTHING))
    assert protected.status is Status.OPEN, "protected, and helped like anybody"
    refused(
        ProtectedIsSentOnByHand,
        lambda: ending.redirect_to_organisation(protected, "debt", "korpen", SENDABLE),
    )
