"""Which events write which tables: our own in the transaction that says them, others' as they are heard."""

from __future__ import annotations

from services.navigator import blue_circle, board, handing_over, looking_again, on_offer
from services.navigator.registry import navigator
from services.navigator.store import asked, cases, heard, offers, unmet, workers
from services.runtime.pathways import known_pathways, write_pathways
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityPublished,
    ActivityRescheduled,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderAmended,
    ProviderRegistered,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.blue_circle import NeedUnmet
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseEnrolmentRequested,
    CaseQueued,
    CaseReassigned,
    CaseUnassigned,
)
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.enrolment import (
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.instruments import InstrumentPublished
from sluss_contracts.linkworker import (
    CaseloadHandedOver,
    LeaveRecorded,
    LinkWorkerAmended,
    LinkWorkerRegistered,
    TeamAmended,
    TeamRegistered,
)
from sluss_contracts.mapping import MappingRecorded
from sluss_contracts.meeting import (
    MeetingBooked,
    MeetingCancelled,
    MeetingConfirmed,
    MeetingHeld,
    MeetingMissed,
    MeetingMoved,
    MeetingTimeUnsuited,
)
from sluss_contracts.pathway import PathwayPublished
from sluss_contracts.plan import PlanAgreed, PlanRevised
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
)
from sluss_contracts.task import (
    ActivityTaskDone,
    ActivityTaskOpened,
    TaskDone,
    TaskLapsed,
    TaskOpened,
    TaskReassigned,
)

navigator.project(TeamRegistered, TeamAmended)(workers.write_teams)
navigator.project(LinkWorkerRegistered, LinkWorkerAmended)(workers.write_workers)
navigator.project(LeaveRecorded)(workers.write_leaves)
navigator.project(CaseloadHandedOver)(workers.write_leavers)
navigator.project(InstrumentPublished)(heard.write_instruments)
navigator.project(
    CaseQueued,
    CaseAssigned,
    CaseClaimed,
    CaseUnassigned,
    CaseReassigned,
    PlanAgreed,
    PlanRevised,
    CaseClosed,
)(cases.write_cases)
navigator.project(CaseUnassigned, CaseReassigned)(cases.write_conflicts)
navigator.project(
    MeetingBooked,
    MeetingMoved,
    MeetingConfirmed,
    MeetingTimeUnsuited,
    MeetingHeld,
    MeetingMissed,
    MeetingCancelled,
)(cases.write_meetings)
navigator.project(TaskOpened, TaskReassigned, TaskDone, TaskLapsed)(cases.write_tasks)
navigator.project(ActivityTaskOpened, ActivityTaskDone)(cases.write_activity_tasks)
navigator.project(CaseEnrolmentRequested)(heard.write_requests)
navigator.project(NeedUnmet)(unmet.write_unmet)
navigator.project(MappingRecorded)(asked.write_mappings)

# After the tables above have been written: these read who has room.
navigator.project(CaseloadHandedOver)(handing_over.each_case)
navigator.project(CaseClosed)(looking_again.after_closing)
navigator.project(CaseUnassigned, CaseReassigned)(looking_again.after_giving_up)
navigator.project(LinkWorkerRegistered, LinkWorkerAmended)(looking_again.for_whoever_joined)
navigator.project(LeaveRecorded)(looking_again.after_leave)

navigator.absorb(ReferralHeld)(heard.write_held)
navigator.absorb(ReferralAccepted)(heard.write_accepted)
navigator.absorb(ConsentGiven, ConsentWithdrawn)(asked.write_shut_out)
navigator.absorb(ProviderRegistered, ProviderAmended)(offers.write_providers)
navigator.absorb(ActivityPublished, ActivityAmended)(offers.write_activities)
navigator.absorb(ActivityVerified, VerificationDue, ActivityExpired, ActivityWithdrawn)(offers.write_standing)
navigator.absorb(ActivityPublished, ActivityAmended)(blue_circle.whoever_waits_for_it)
navigator.absorb(SessionScheduled, ActivityRescheduled)(offers.write_sessions)
navigator.absorb(SessionCancelled)(offers.write_cancelled)
navigator.absorb(
    EnrolmentOffered,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentWaitlisted,
    EnrolmentExpired,
    EnrolmentEnded,
)(heard.write_answers)
navigator.absorb(SessionCancelled)(on_offer.whoever_was_to_come)
navigator.absorb(
    ReferralClosed,
    ReferralDeclined,
    ReferralCancelled,
    ReferralEnteredInError,
    ReferralRedirected,
    ReferralLinked,
)(heard.write_over)

# The board on the first page.
navigator.project(*board.spoken_by(navigator.name, board.FOLLOWED))(board.follow)
navigator.absorb(*board.not_spoken_by(navigator.name, board.FOLLOWED))(board.follow)
navigator.project(*board.spoken_by(navigator.name, board.NAMING))(board.learn_names)
navigator.absorb(*board.not_spoken_by(navigator.name, board.NAMING))(board.learn_names)

navigator.absorb(PathwayPublished)(write_pathways)
navigator.give = known_pathways
