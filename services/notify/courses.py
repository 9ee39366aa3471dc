"""What others say of each referral, kept as read tables: its course, its followers, its goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, null, update

from services.notify.domain.course import Course, Follower
from services.notify.registry import service
from services.notify.store import courses, followers, goals, purposes
from services.runtime.decision import Wait
from services.runtime.rows import new_row, upsert
from services.runtime.service import Ctx
from services.runtime.tx import Tx, sql
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CasePaused,
    CaseReassigned,
    CaseResumed,
    CaseUnassigned,
)
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.event import Event, Fact
from sluss_contracts.plan import GoalProgressed, PlanAgreed, PlanRevised
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralEnteredInError,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import ConsentPurpose, ConsentStatus, FeedbackChannel, LinkKind, Protection

_course = new_row(
    courses,
    "referral_id",
    "person",
    "organisation",
    "pathway",
    "pathway_version",
    "area",
    "worker",
    "protected",
    "accepted",
    "began",
)
_KNOW = sql(
    upsert(
        _course,
        "area",
        "began",
        protected=courses.c.protected | _course.excluded.protected,
        accepted=courses.c.accepted | _course.excluded.accepted,
    )
)
_GUIDED = sql(upsert(_course, "worker"))
_HEARD_OF = sql(_course.on_conflict_do_nothing())
_this = courses.c.referral_id == bindparam("this", type_=courses.c.referral_id.type)
_WORKER = sql(update(courses).where(_this).values(worker=bindparam("to", type_=courses.c.worker.type)))
_PAUSE = sql(update(courses).where(_this).values(paused=bindparam("to", type_=courses.c.paused.type)))
_END = sql(
    update(courses)
    .where(_this)
    .values(
        outcome=bindparam("to", type_=courses.c.outcome.type),
        ended=bindparam("at", type_=courses.c.ended.type),
        paused=null(),
    )
)
_SILENT = sql(upsert(new_row(purposes, "referral_id", "silent"), "silent"))
_FOLLOW = sql(new_row(followers, "referral_id", "followed", "organisation").on_conflict_do_nothing())
_AIM = sql(upsert(new_row(goals, "referral_id", "goal_id", "plan_version"), "plan_version"))
_PROGRESS = sql(
    update(goals)
    .where(
        goals.c.referral_id == bindparam("referral", type_=goals.c.referral_id.type),
        goals.c.goal_id == bindparam("goal", type_=goals.c.goal_id.type),
    )
    .values(how_far=bindparam("to", type_=goals.c.how_far.type))
)
THERE = 10
"""How far a goal is that is reached."""

_COURSES = f"""
select c.*, coalesce(p.silent, false) as silent,
  not exists (select from goal where goal.referral_id = c.referral_id)
  or exists (
    select from goal g where g.referral_id = c.referral_id and g.how_far < {THERE}
    and g.plan_version = (select max(plan_version) from goal where goal.referral_id = c.referral_id)
  ) as goals_ahead,
  coalesce(o.channel, '{FeedbackChannel.STREAM.value}') as channel, f.receipts_until
from course c left join purpose p using (referral_id) left join organisation o using (organisation)
left join fetched f using (organisation) where c.referral_id = any($1::text[])
"""
_FOLLOWERS = f"""
select f.*, coalesce(p.silent, false) as silent,
  coalesce(o.channel, '{FeedbackChannel.STREAM.value}') as channel, r.receipts_until
from follower f left join purpose p using (referral_id) left join organisation o using (organisation)
left join fetched r using (organisation)
where f.followed = any($1::text[]) or f.referral_id = any($1::text[]) order by referral_id
"""
_UNFOLLOW = "update follower set over = true where referral_id = any($1::text[])"
# A statement of its own: what is read after it sees what whoever held the lock has committed.
LOCK = """
select pg_advisory_xact_lock(hashtextextended('feedback ' || key, 0))
from (select distinct unnest($1::text[]) as key order by 1) as keys
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What a lookup has read for a batch."""

    rows: Mapping[str, Mapping[str, Any]]
    followers: Mapping[str, tuple[Follower, ...]]
    duplicates: frozenset[str] = frozenset()
    """Those of the referrals that another is worked on for: they have no course of their own."""


async def known_courses(tx: Tx, messages: Sequence[Any]) -> Known:
    """The courses of all the referrals that events, commands or due dates are about."""
    return await courses_of(tx, {key_of(each) for each in messages})


async def known_and_followed(tx: Tx, messages: Sequence[Any]) -> Known:
    """The same for what referrers are told of: whoever links a referral to one of these waits, or has; so
    does whoever notes that a receipt was fetched."""
    keys = {key_of(each) for each in messages}
    await tx.execute(LOCK, sorted(keys))
    return await courses_of(tx, keys)


async def courses_of(tx: Tx, referrals: set[str]) -> Known:
    """The courses of these referrals, with who follows them."""
    wanted = sorted(referrals)
    rows = {row["referral_id"]: row for row in await tx.fetch(_COURSES, wanted)}
    following: dict[str, tuple[Follower, ...]] = {}
    linked = await tx.fetch(_FOLLOWERS, wanted)
    for row in linked:
        if row["followed"] not in referrals or row["over"]:
            continue
        one = Follower(
            row["referral_id"],
            row["organisation"],
            row["silent"],
            reads_stream=row["channel"] == FeedbackChannel.STREAM.value,
            receipts_until=row["receipts_until"],
        )
        following[row["followed"]] = (*following.get(row["followed"], ()), one)
    return Known(rows, following, frozenset(row["referral_id"] for row in linked) & referrals)


def key_of(message: Any) -> str:
    """The referral an event, a command or a due date is about."""
    return str(
        getattr(message, "key", None) or getattr(message, "partitionkey", None) or message.partition_key
    )


def course_of(
    ctx: Ctx, referral_id: str, fact: Fact | None = None, known: Known | None = None
) -> Course | Wait:
    """The referral's course; what is not known of it yet is taken from the fact, or waited for."""
    known = known or ctx.looked_up
    row = known.rows.get(referral_id)
    told: Mapping[str, Any] = row if row is not None else (fact.model_dump() if fact else {})
    if "pathway" not in told:
        return Wait("referral.accepted")
    slug, version = told["pathway"], told["pathway_version"]
    if not ctx.given.knows(slug, version):
        return Wait("pathway.published")
    return Course(
        referral_id=referral_id,
        person=told["person"],
        organisation=told["organisation"],
        pathway=ctx.given.of(slug, version),
        worker=told.get("worker"),
        protected=bool(told.get("protected")),
        accepted=bool(told.get("accepted")),
        silent=bool(told.get("silent")),
        paused=told.get("paused"),
        goals_ahead=bool(told.get("goals_ahead", True)),
        reads_stream=told.get("channel", FeedbackChannel.STREAM.value) == FeedbackChannel.STREAM.value,
        receipts_until=told.get("receipts_until"),
        followers=known.followers.get(referral_id, ()),
    )


@service.absorb(ReferralAccepted, ReferralHeld)
async def know_courses(tx: Tx, events: Sequence[Event[ReferralAccepted | ReferralHeld]]) -> None:
    await tx.execute_many(
        _KNOW,
        [
            {
                **_on_its_way(each.data),
                "area": each.data.area,
                "worker": None,
                "protected": _is_protected(each.data),
                "accepted": isinstance(each.data, ReferralAccepted),
                "began": each.time,
            }
            for each in events
        ],
    )


@service.absorb(ReferralSubmitted, ConsentGiven, ConsentWithdrawn)
async def know_what_the_referrer_may_hear(
    tx: Tx, events: Sequence[Event[ReferralSubmitted | ConsentGiven | ConsentWithdrawn]]
) -> None:
    for each in events:
        silent = _is_silent(each.data)
        if silent is not None:
            await tx.execute(_SILENT, referral_id=each.data.referral_id, silent=silent)


@service.absorb(CaseAssigned, CaseClaimed, CaseReassigned)
async def know_who_guides(
    tx: Tx, events: Sequence[Event[CaseAssigned | CaseClaimed | CaseReassigned]]
) -> None:
    unknown = {"area": None, "protected": False, "accepted": True, "began": None}
    await tx.execute_many(
        _GUIDED,
        [{**_on_its_way(each.data), **unknown, "worker": each.data.worker} for each in events],
    )


@service.absorb(CaseUnassigned)
async def know_who_guides_no_more(tx: Tx, events: Sequence[Event[CaseUnassigned]]) -> None:
    await tx.execute_many(_WORKER, [{"this": each.data.referral_id, "to": None} for each in events])


@service.absorb(CasePaused, CaseResumed)
async def know_pauses(tx: Tx, events: Sequence[Event[CasePaused | CaseResumed]]) -> None:
    until = [each.data.until if isinstance(each.data, CasePaused) else None for each in events]
    rows = [{"this": each.data.referral_id, "to": to} for each, to in zip(events, until, strict=True)]
    await tx.execute_many(_PAUSE, rows)


@service.absorb(CaseClosed)
async def know_ends(tx: Tx, events: Sequence[Event[CaseClosed]]) -> None:
    await tx.execute_many(
        _END,
        [{"this": each.data.referral_id, "to": each.data.outcome.value, "at": each.time} for each in events],
    )


@service.absorb(ReferralLinked)
async def know_followers(tx: Tx, events: Sequence[Event[ReferralLinked]]) -> None:
    links = [each.data for each in events if each.data.how is LinkKind.DUPLICATE_OF]
    # Before the row is there: whoever is telling the followed one's referrer now has told, or sees the row.
    await tx.execute(LOCK, sorted({link.to for link in links}))
    await tx.execute_many(
        _FOLLOW,
        [
            {"referral_id": link.referral_id, "followed": link.to, "organisation": link.organisation}
            for link in links
        ],
    )


@service.absorb(ReferralCancelled, ReferralEnteredInError, ReferralRedirected)
async def know_who_follows_no_more(
    tx: Tx, events: Sequence[Event[ReferralCancelled | ReferralEnteredInError | ReferralRedirected]]
) -> None:
    """A duplicate that has ended by itself is told nothing more of by the other."""
    await tx.execute(_UNFOLLOW, sorted({each.data.referral_id for each in events}))


@service.absorb(PlanAgreed, PlanRevised, GoalProgressed)
async def know_goals(tx: Tx, events: Sequence[Event[PlanAgreed | PlanRevised | GoalProgressed]]) -> None:
    unknown = {"area": None, "protected": False, "accepted": True, "began": None, "worker": None}
    agreed = [each.data for each in events if isinstance(each.data, PlanAgreed)]
    await tx.execute_many(_HEARD_OF, [{**_on_its_way(fact), **unknown} for fact in agreed])
    for each in events:
        fact = each.data
        if isinstance(fact, GoalProgressed):
            await tx.execute(_PROGRESS, referral=fact.referral_id, goal=fact.goal_id, to=fact.how_far)
            continue
        of = {"referral_id": fact.referral_id, "plan_version": fact.version}
        await tx.execute_many(_AIM, [{**of, "goal_id": goal.goal_id} for goal in fact.goals])


def _on_its_way(fact: Any) -> dict[str, Any]:
    return {
        "referral_id": fact.referral_id,
        "person": fact.person,
        "organisation": fact.organisation,
        "pathway": fact.pathway,
        "pathway_version": fact.pathway_version,
    }


def _is_protected(fact: ReferralAccepted | ReferralHeld) -> bool:
    return isinstance(fact, ReferralAccepted) and fact.protection is not Protection.NONE


def _is_silent(fact: ReferralSubmitted | ConsentGiven | ConsentWithdrawn) -> bool | None:
    """Whether the referrer may not hear of the person from now on; None where nothing is said of it."""
    named = ConsentPurpose.FEEDBACK_TO_REFERRER in fact.purposes
    match fact:
        case ReferralSubmitted(consent=ConsentStatus.TO_BE_ASKED):
            return True
        case ReferralSubmitted(purposes=()):
            return None
        case ReferralSubmitted():
            return not named
        case ConsentGiven():
            return False if named else None
        case ConsentWithdrawn():
            return True if named else None
