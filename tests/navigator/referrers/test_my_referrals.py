"""Whoever referred follows what they are told of, and nothing else; nobody sees another's."""

from __future__ import annotations

import re

from services.runtime.web.people import short_id
from sluss_contracts.commands.navigator import CloseCase
from sluss_contracts.commands.referral import WithdrawConsent
from sluss_contracts.referral import ReferralCancelled, ReferralEnteredInError
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose
from tests.navigator.referrers.conftest import Browse
from tests.referral.requests import NAME
from tests.support.doors import CLINIC, COUNSELLOR, DOCTOR, SCHOOL, form_of
from tests.support.followed import ANNA, Network

WORDS = 'Hon går i kören & trivs <script>alert("x")</script>'


async def test_the_list_and_one_of_them_tell_what_was_told(there: Network, browser: Browse) -> None:
    referral = await there.submit(CLINIC, "remiss-1")
    await there.tell_referrers()
    async with await browser(DOCTOR) as eva:
        page = (await eva.get("/my-referrals")).text
        assert NAME in page
        assert short_id(referral) in page
        page = (await eva.get(f"/my-referrals/{referral}")).text
        assert NAME in page
        assert "En hälsolots har tagit sig an den" in page
        assert "Anna Lind" in page
        outcome = CaseOutcome.COMPLETED
        await there.do(CloseCase, ANNA, referral_id=referral, outcome=outcome, feedback=WORDS)
        await there.tell_referrers()
        page = (await eva.get(f"/my-referrals/{referral}")).text
        assert "Hon går i kören &amp; trivs &lt;script&gt;" in page
        assert "Det som planerades är genomfört." in page
        assert "<script>alert" not in page
        action, fields = form_of(page)
        refused = await eva.post(action, data=fields | {"why": "no_longer_needed"})
        assert refused.status_code == 422
        assert "referral_is_over" in refused.text
        assert NAME not in (await eva.get("/my-referrals")).text
        assert NAME in (await eva.get("/my-referrals?which=over")).text
    rows = await there.at["referral"].pool.fetch("select actor, unit, purpose, allowed from access")
    looks = {(row["actor"], row["unit"], row["purpose"], row["allowed"]) for row in rows}
    assert (DOCTOR.actor.id, CLINIC, "follow_referral", True) in looks


async def test_anothers_is_as_if_it_were_not(there: Network, browser: Browse) -> None:
    referral = await there.submit(CLINIC, "remiss-1")
    async with await browser(COUNSELLOR) as pia:
        assert short_id(referral) not in (await pia.get("/my-referrals?which=all")).text
        unknown = await pia.get("/my-referrals/no-such-referral")
        foreign = await pia.get(f"/my-referrals/{referral}")
        assert (unknown.status_code, foreign.status_code) == (404, 404)
        own = await there.submit(SCHOOL, "remiss-2", person={"name": "Nils"})
        _, fields = form_of((await pia.get(f"/my-referrals/{own}")).text)
        sent = await pia.post(f"/my-referrals/{referral}/take-back", data=fields | {"why": "wrong_person"})
        assert sent.status_code == 404
    assert not await there.at["referral"].said(ReferralEnteredInError)


async def test_it_is_taken_back_once_and_with_a_reason(there: Network, browser: Browse) -> None:
    referral = await there.submit(CLINIC, "remiss-1")
    async with await browser(DOCTOR) as eva:
        action, fields = form_of((await eva.get(f"/my-referrals/{referral}")).text)
        nothing = await eva.post(action, data=fields)
        assert nothing.status_code == 422
        assert "Säg varför du tar tillbaka den" in nothing.text
        for _ in range(2):
            sent = await eva.post(action, data=fields | {"why": "person_asked"})
            assert sent.status_code == 303
        assert "Remissen är tillbakatagen" in (await eva.get(sent.headers["location"])).text
        (said,) = await there.at["referral"].said(ReferralCancelled)
        assert said.why == "person_asked"
        await there.carry()
        page = (await eva.get(f"/my-referrals/{referral}")).text
        assert 'value="person_asked"' not in page
        action, fields = form_of(page)
        assert (await eva.post(action, data=fields | {"why": "sent_twice"})).status_code == 303
    assert [each.why for each in await there.at["referral"].said(ReferralEnteredInError)] == ["sent_twice"]


async def test_who_takes_back_that_the_referrer_hears_is_not_named(there: Network, browser: Browse) -> None:
    referral = await there.submit(CLINIC, "remiss-1")
    await there.do(
        WithdrawConsent, ANNA, referral_id=referral, purposes=(ConsentPurpose.FEEDBACK_TO_REFERRER,)
    )
    outcome = CaseOutcome.COMPLETED
    await there.do(CloseCase, ANNA, referral_id=referral, outcome=outcome, feedback="Hon mår bra")
    await there.tell_referrers()
    async with await browser(DOCTOR) as eva:
        page = (await eva.get(f"/my-referrals/{referral}")).text
    assert "Vårt arbete med remissen är avslutat" in page
    assert "Hon mår bra" not in page
    assert "genomfört" not in page


async def test_without_the_others_the_page_stands(there: Network, browser: Browse) -> None:
    referral = await there.submit(CLINIC, "remiss-1")
    there.desks.away = True
    async with await browser(DOCTOR) as eva:
        for path in ("/my-referrals", f"/my-referrals/{referral}"):
            page = await eva.get(path)
            assert page.status_code == 200
            assert re.search("just nu", page.text)
            assert NAME not in page.text
