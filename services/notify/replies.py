"""Feedback on paper or by e-mail: for an organisation without a stream of its own.

Names the referral by the organisation's own id of it, never the person: post is opened by others.
"""

from __future__ import annotations

from services.notify.domain.feedback import Letterhead, Told
from services.notify.letters import Letter
from sluss_contracts.vocabulary import CaseOutcome

_TOLD = {
    Told.ACCEPTED: "Vi har tagit emot hänvisningen och tar den vidare.",
    Told.IN_LINE: "Hänvisningen väntar på en ledig kontaktperson. Vi hör av oss när någon tar sig an den.",
    Told.ASSIGNED: "En kontaktperson har tagit sig an hänvisningen och tar kontakt.",
    Told.PLAN_AGREED: "En plan är gjord tillsammans med den det gäller.",
    Told.CLOSED: "Vårt arbete med hänvisningen är avslutat.",
}
_OUTCOME = {
    CaseOutcome.COMPLETED: "Det som planerades är genomfört.",
    CaseOutcome.UNREACHABLE: "Vi har inte fått kontakt trots flera försök.",
    CaseOutcome.PERSON_DECLINED: "Den det gäller har tackat nej.",
    CaseOutcome.MOVED: "Den det gäller har flyttat.",
    CaseOutcome.DECEASED: "Den det gällde har avlidit.",
    CaseOutcome.FAILED: "Vi har inte kunnat hjälpa till som det var tänkt.",
    CaseOutcome.SCREENED_OUT: "Något annat än det vi kan erbjuda hjälper bättre här.",
    CaseOutcome.OUTSIDE_REMIT: "Det ligger utanför det vi kan hjälpa till med.",
    CaseOutcome.REDIRECTED: "Hänvisningen har gått vidare till någon som passar bättre.",
    CaseOutcome.CANCELLED: "Ni har tagit tillbaka hänvisningen.",
    CaseOutcome.CONSENT_WITHDRAWN: "Den det gäller vill inte längre.",
    CaseOutcome.ENTERED_IN_ERROR: "Hänvisningen var gjord av misstag och räknas inte.",
}


def reply(
    told: Told, outcome: str | None, to: Letterhead, text: str | None, turn_to: str | None = None
) -> Letter:
    """What the unit and person who referred are told."""
    parts = [f"Till {to.person}, {to.unit}" if to.person else f"Till {to.unit}", _TOLD[told]]
    if outcome:
        parts.append(_OUTCOME[CaseOutcome(outcome)])
    if turn_to:
        parts.append(f"Bättre hjälp finns hos: {turn_to}")
    if text:
        parts.append(text)
    return Letter("sv", f"Återkoppling på er hänvisning {to.submission_id}", "\n\n".join(parts))
