"""Each event in plain words, for whoever reads a story: in pages in their language, at the command line
in English.

Words are made of a disclosed payload alone (see `masking`): what is masked there is told to be so here.
Codes stay the network's own words, the same in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from services.runtime.languages import mark

MASKED: Final = "•••"
"""What stands for something that is masked."""
NOTHING: Final = "–"


class Speaker(Protocol):
    """Somebody who says texts and times in one language: `services.runtime.web.Language`."""

    def say(self, text: str, /, **values: object) -> str:
        """A text, its `%(named)s` places filled in."""

    def moment(self, moment: datetime) -> str:
        """A date with the time of day."""


_SENTENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "referral.submitted": (mark("%(organisation)s submits a referral"), "channel", "area"),
    "receipt.issued": (mark("Receipt to %(organisation)s: %(status)s"), "code", "faults"),
    "referral.refused": (mark("A submission of %(organisation)s is refused"), "code", "faults"),
    "referral.accepted": (mark("The network takes it on"),),
    "referral.held": (mark("Held until something is settled"), "why"),
    "referral.guardian_decided": (mark("It is decided about the guardian"),),
    "referral.linked": (mark("It hangs together with another referral"), "how", "to"),
    "referral.declined": (mark("It is declined"), "whose", "why"),
    "referral.cancelled": (mark("%(organisation)s takes it back"), "why"),
    "referral.entered_in_error": (mark("It was a mistake, and counts nowhere"), "why"),
    "referral.redirected": (mark("It is sent on"), "to_organisation", "to_area", "why"),
    "referral.forwarded": (mark("Handed to %(organisation)s, with what the person agreed to"), "why"),
    "referral.closed": (mark("The referral is closed: %(outcome)s"),),
    "consent.given": (mark("The person has said yes"), "purposes", "receivers"),
    "consent.withdrawn": (mark("Consent is taken back"), "purposes", "receivers", "shared_with"),
    "consent.withdrawal_confirmed": (mark("%(receiver)s confirms that it is removed"),),
    "alarm.raised": (mark("ALARM: words of acute danger"), "where"),
    "case.assigned": (mark("Given to %(worker)s in %(team)s"), "because"),
    "case.queued": (mark("Waits in the inbox of %(team)s"), "why"),
    "case.claimed": (mark("%(worker)s claims the case"),),
    "case.unassigned": (mark("Taken from %(worker)s"), "because"),
    "case.reassigned": (mark("%(worker)s has the case instead of %(before)s"), "because"),
    "case.paused": (mark("Paused until %(until)s"), "why"),
    "case.resumed": (mark("The work goes on"),),
    "case.closed": (mark("The case is closed: %(outcome)s"),),
    "case.need_unmet": (mark("Nothing meets a need"), "need", "area", "why"),
    "case.offer_found": (mark("Something new may meet a need"), "activity", "area"),
    "case.enrolment_requested": (mark("A place is asked for: %(activity)s"), "because"),
    "contact.attempted": (mark("Contact attempt %(attempt)s by %(way)s: %(outcome)s"),),
    "meeting.booked": (mark("A meeting is booked for %(starts)s"), "kind", "mode", "minutes"),
    "meeting.moved": (mark("The meeting is moved to %(starts)s"), "mode", "minutes"),
    "meeting.cancelled": (mark("The meeting is cancelled beforehand"), "whose", "why"),
    "meeting.confirmed": (mark("The person confirms the meeting on %(starts)s"),),
    "meeting.time_unsuited": (mark("%(starts)s does not suit the person"), "days", "parts"),
    "meeting.held": (mark("The meeting is held"), "kind", "mode", "minutes"),
    "meeting.missed": (mark("The person does not come to the meeting"), "kind"),
    "mapping.recorded": (mark("What matters is mapped"), "version"),
    "measure.recorded": (mark("Measured with %(instrument)s"), "at", "scores"),
    "plan.agreed": (mark("Plan %(version)s is agreed"),),
    "plan.revised": (mark("The plan is thought through again: %(version)s"),),
    "goal.progressed": (mark("On the way to a goal"), "how_far"),
    "alternatives.looked_at": (mark("Alternatives are looked at together"),),
    "prescription.issued": (mark("Prescribed: %(activity)s"),),
    "spillover.reported": (mark("It has led to more"),),
    "support.agreed": (mark("Help is agreed on"), "by"),
    "support.given": (mark("The help agreed on is given"),),
    "enrolment.offered": (mark("%(provider)s has an offer to answer: %(activity)s, by %(answer_by)s"),),
    "enrolment.accepted": (mark("%(provider)s welcomes the person to %(activity)s"),),
    "enrolment.declined": (mark("%(activity)s says no"), "whose", "reason"),
    "enrolment.waitlisted": (mark("In line for %(activity)s, number %(position)s"),),
    "enrolment.ended": (mark("%(activity)s is over for the person"), "whose", "reason"),
    "enrolment.expired": (mark("%(provider)s has not answered for %(activity)s; the place is given back"),),
    "enrolment.another_time_suggested": (mark("%(provider)s suggests another time: %(starts)s"),),
    "enrolment.host_wanted": (mark("%(provider)s is told that a host is wanted"),),
    "attendance.recorded": (mark("%(activity)s: %(outcome)s"), "by"),
    "attendance.missing": (mark("Nobody has said whether the person came to %(activity)s"),),
    "followup.scheduled": (mark("A follow-up is planned for %(due)s"),),
    "followup.due": (mark("Time to follow up"), "modes"),
    "followup.done": (mark("Followed up"), "how_it_went"),
    "followup.lapsed": (mark("Nobody has followed up"),),
    "followup.cancelled": (mark("The follow-up is called off"), "why"),
    "evaluation.scheduled": (mark("An evaluation is planned for %(due)s"), "instruments"),
    "evaluation.due": (mark("Time to evaluate"), "instruments"),
    "evaluation.answered": (mark("The evaluation is answered"), "instrument"),
    "evaluation.lapsed": (mark("The evaluation was never answered"),),
    "evaluation.cancelled": (mark("The evaluation is called off"), "why"),
    "deadline.set": (mark("By %(due)s: %(kind)s"),),
    "deadline.met": (mark("In time: %(kind)s"),),
    "deadline.moved": (mark("The date is moved to %(due)s: %(kind)s"),),
    "deadline.passed": (mark("Silence: %(kind)s is overdue"),),
    "message.queued": (mark("A message to the person is prepared: %(template)s"),),
    "message.sent": (mark("A message is sent: %(template)s"), "channel"),
    "message.failed": (mark("A message could not be sent: %(template)s"), "why"),
    "message.suppressed": (mark("A message is held back: %(template)s"), "why"),
    "notice.queued": (mark("A note to %(provider)s is prepared: %(template)s"),),
    "notice.sent": (mark("A note to %(provider)s is sent: %(template)s"), "channel"),
    "notice.failed": (mark("A note to %(provider)s could not be sent: %(template)s"), "why"),
    "notice.suppressed": (mark("A note to %(provider)s is held back: %(template)s"), "why"),
    "feedback.due": (mark("%(organisation)s is to be told: %(point)s"), "outcome"),
    "feedback.sent": (mark("%(organisation)s is told: %(point)s"),),
    "feedback.issued": (mark("On the stream of %(organisation)s: %(point)s"), "status", "outcome"),
    "feedback.acknowledged": (mark("%(organisation)s has fetched it: %(point)s"),),
    "feedback.overdue": (mark("%(organisation)s has not been told in time: %(point)s"),),
    "feedback.withheld": (mark("%(organisation)s is not told: %(point)s"), "why"),
    "task.opened": (mark("Task for %(owner)s, due %(due)s: %(kind)s"),),
    "task.reassigned": (mark("The task is now that of %(owner)s"),),
    "task.done": (mark("A task is done"), "how"),
    "task.lapsed": (mark("A task is no longer needed"), "why"),
    "person.erased": (mark("Everything about the person is erased"), "why"),
    "person.erasure_held": (mark("The erasure waits for a rule"), "why", "until"),
    "person.retained": (mark("Kept until %(until)s"), "why"),
    "activity.proposed": (mark("%(provider)s is suggested to offer %(activity)s"), "by"),
    "activity.published": (mark("%(activity)s of %(provider)s is published"), "by"),
    "activity.amended": (mark("%(activity)s of %(provider)s is changed"), "by", "why"),
    "activity.reviewed": (mark("A coordinator has looked at %(activity)s"),),
    "activity.contact_given": (mark("Whom to turn to about %(activity)s is said"),),
    "activity.schedule_set": (mark("The times of %(activity)s are set"), "time_zone"),
    "activity.rescheduled": (mark("A time of %(activity)s is moved to %(starts)s"), "minutes"),
    "activity.verification_due": (mark("%(provider)s is to say whether %(activity)s is still right"),),
    "activity.verified": (mark("%(activity)s is still right; asked again %(ask_again)s"), "by"),
    "activity.expired": (mark("Nobody vouches for %(activity)s: it is hidden"),),
    "activity.withdrawn": (mark("%(activity)s is withdrawn"), "why"),
    "activity_task.opened": (mark("Task for %(owner)s, due %(due)s: %(kind)s"), "activity", "why"),
    "activity_task.done": (mark("A task about %(activity)s is done"), "how"),
    "session.scheduled": (mark("%(activity)s takes place %(starts)s"), "minutes"),
    "session.cancelled": (mark("A session of %(activity)s is cancelled"), "why"),
    "session.report_due": (mark("%(provider)s is to say who came to %(activity)s"),),
    "provider.proposed": (mark("%(provider)s is suggested as a provider"), "kind", "area"),
    "provider.registered": (mark("%(provider)s is registered as a provider"), "kind", "area"),
    "provider.amended": (mark("What is known of %(provider)s is changed"), "kind", "area"),
    "provider.turned_down": (mark("%(provider)s is turned down"), "why"),
    "provider.contact_given": (mark("Whom to turn to at %(provider)s is said"),),
    "resource.published": (mark("%(resource)s is published in the library"), "kind"),
    "resource.amended": (mark("%(resource)s in the library is changed"), "kind"),
    "resource.withdrawn": (mark("%(resource)s is taken out of the library"), "why"),
    "organisation.registered": (mark("%(organisation)s may refer"), "kind", "area"),
    "organisation.amended": (mark("What is known of %(organisation)s is changed"), "kind", "area"),
    "organisation.revoked": (mark("%(organisation)s may refer no longer"), "why"),
    "team.registered": (mark("The team %(team)s is registered"), "areas"),
    "team.amended": (mark("What is known of the team %(team)s is changed"), "areas"),
    "linkworker.registered": (mark("%(worker)s works in %(team)s"), "engagement", "capacity"),
    "linkworker.amended": (mark("What is known of %(worker)s is changed"), "team", "engagement", "capacity"),
    "linkworker.hours_set": (mark("The times of %(worker)s are set, from %(valid_from)s"),),
    "linkworker.leave_recorded": (mark("%(worker)s is away from %(starts)s to %(ends)s"),),
    "linkworker.caseload_handed_over": (mark("What %(worker)s had is handed over"), "because", "to"),
    "person.screened": (mark("%(organisation)s has asked a person about loneliness"), "area"),
    "person.signposted": (mark("Somebody is shown the way without a referral"), "channel", "area"),
    "pathway.published": (mark("Pathway %(pathway)s, version %(version)s, is published"),),
    "pathway.withdrawn": (mark("Pathway %(pathway)s is withdrawn"),),
    "instrument.published": (mark("Instrument %(instrument)s, version %(version)s, is published"),),
    "series.imported": (mark("Figures from elsewhere are brought in: %(series)s"), "area"),
    "outside_record.kept": (mark("A record from elsewhere is kept: %(record)s"), "kind"),
}
_PLACE: Final = re.compile(r"%\((\w+)\)s")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


def tell(name: str, shown: Mapping[str, Any], speaker: Speaker) -> tuple[str, str]:
    """What has happened, and what is worth adding. An event without words is told by its own name."""
    if name not in _SENTENCES:
        return plain(name.replace(".", " ")), ", ".join(_added(shown, ("because", "why"), speaker))
    text, *details = _SENTENCES[name]
    values = {place: said(_value(shown, place), speaker) for place in _PLACE.findall(text)}
    told = set(values.values())
    added = [each for each in _added(shown, tuple(details), speaker) if each not in told]
    return speaker.say(text, **values), ", ".join(added)


def said(value: Any, speaker: Speaker) -> str:
    """A value of a payload as words."""
    match value:
        case None:
            return MASKED
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(said(each, speaker) for each in value) or NOTHING
        case dict():
            return " ".join(said(each, speaker) for each in value.values())
        case str() if _DAY.fullmatch(value):
            return speaker.moment(datetime.fromisoformat(value)) if "T" in value else value
        case str():
            return plain(value)
        case _:
            return str(value)


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


def _added(shown: Mapping[str, Any], details: tuple[str, ...], speaker: Speaker) -> Iterator[str]:
    for name in details:
        if name in shown and shown[name] != []:
            unit = " min" if name == "minutes" else ""
            yield f"{said(shown[name], speaker)}{unit}"


def _value(shown: Mapping[str, Any], place: str) -> Any:
    if place == "owner":
        return shown.get("worker") or shown.get("team", NOTHING)
    return shown.get(place, NOTHING)
