"""What is asked before the work begins: the person's consent, and for a minor whether a guardian is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import Step, language_of
from services.runtime.web import Pages, mark
from services.runtime.web.forms import SentForm, read_form
from sluss_contracts.commands.referral import DecideGuardian, RecordConsent, WithdrawConsent
from sluss_contracts.vocabulary import ConsentPurpose, GuardianRule, Role

ASKS: Final = frozenset({Role.LINK_WORKER, Role.COORDINATOR})
RULES: Final = {
    GuardianRule.CONSENTS: mark("The guardian is asked, and consents"),
    GuardianRule.INFORMED: mark("The guardian is told"),
    GuardianRule.WITHHELD: mark("The guardian is rightly left out"),
}


def asking_pages(frame: Frame) -> Pages:
    """The forms and what they send. The referral is another service's, and numbered by it."""
    pages = Pages("navigator asking")
    yes = Step(RecordConsent, "step_consent.html", "consented", said=_unnumbered)
    no = Step(WithdrawConsent, "step_consent.html", "declined", said=_no, back=lambda _: "/today")
    guardian = Step(DecideGuardian, "step_guardian.html", "guardian", said=_rule, given=_rules)

    @pages.get(ROOT + "/consent", roles=ASKS)
    async def form(request: Request, case_id: str) -> Response:
        return await yes.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/consent", roles=ASKS)
    async def answer(request: Request, case_id: str) -> Response:
        agreed = (await read_form(request)).one("agreed") == "yes"
        return await (yes if agreed else no).take(frame, request, case_id)

    @pages.get(ROOT + "/guardian", roles=ASKS)
    async def rule(request: Request, case_id: str) -> Response:
        return await guardian.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/guardian", roles=ASKS)
    async def decide(request: Request, case_id: str) -> Response:
        return await guardian.take(frame, request, case_id)

    return pages


def _unnumbered(_: SentForm, __: OpenedCase) -> dict[str, Any]:
    return {"expected_sequence": None}


def _no(_: SentForm, __: OpenedCase) -> dict[str, Any]:
    return {"purposes": (ConsentPurpose.REFERRAL,), "expected_sequence": None}


def _rule(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"rule": form.one("rule"), "expected_sequence": None}


async def _rules(request: Request, _: OpenedCase, __: SentForm) -> Mapping[str, Any]:
    language = language_of(request)
    return {"rules": [(rule.value, language.say(said)) for rule, said in RULES.items()]}
