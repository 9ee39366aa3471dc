"""Who came, and of whom nobody has said."""

from __future__ import annotations

from collections.abc import Mapping

from services.provider.domain.acting import acts_for
from services.provider.domain.enrolment import LIFECYCLE, Enrolment, Status, names_of
from services.provider.domain.refusals import NotTakingPart, UnknownEnrolment, UnknownSession
from sluss_contracts.commands.provider import RecordAttendance
from sluss_contracts.enrolment import AttendanceMissing, AttendanceRecorded
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Role


def record(
    enrolment: Enrolment | None, wanted: RecordAttendance, by: Role, sessions: Mapping[str, str]
) -> list[Fact]:
    """Whether the person came. Saying the same again changes nothing; otherwise it is a correction.

    `sessions` tells which activity the sessions asked about belong to; those cancelled are not among them.
    """
    if enrolment is None:
        raise UnknownEnrolment(f"the referral has no enrolment {wanted.enrolment_id}")
    acts_for(wanted.actor, enrolment.provider)
    if not LIFECYCLE.allows(enrolment.status, AttendanceRecorded):
        raise NotTakingPart(
            f"{wanted.enrolment_id} is {enrolment.status}, not accepted; nobody can have come"
        )
    if sessions.get(wanted.session_id) != enrolment.activity:
        raise UnknownSession(f"{enrolment.activity} has no session {wanted.session_id} that takes place")
    if enrolment.attended.get(wanted.session_id) == wanted.outcome:
        return []
    names = names_of(enrolment)
    return [AttendanceRecorded(**names, session_id=wanted.session_id, outcome=wanted.outcome, by=by)]


def miss(enrolment: Enrolment | None, session_id: str) -> list[Fact]:
    """The session has passed and nobody has said. Once for each session; nothing of whoever has left."""
    if enrolment is None or enrolment.status is not Status.ACCEPTED:
        return []
    if session_id in enrolment.attended or session_id in enrolment.missing:
        return []
    return [AttendanceMissing(**names_of(enrolment), session_id=session_id)]
