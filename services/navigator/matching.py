"""What may suit somebody: their wishes from the case and from whoever asks, beside what is on offer.

It is a question: nothing is written down by asking, and what is asked with (a position, an age) is kept
nowhere. What whoever asks may not see of the case is not gone by either; they may say it themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from services.navigator.deciding import by_whom, pathway_of, the_case
from services.navigator.domain import standing
from services.navigator.domain.case import Case
from services.navigator.domain.matching import Judged, judge, put_in_order, said_no, unanswered
from services.navigator.domain.rules import NothingToGoBy
from services.navigator.domain.visibility import SEES_LESS, parts_seen
from services.navigator.domain.wishes import Ages, Offer, Wishes, age_told_by
from services.navigator.registry import navigator
from services.navigator.store import finding
from services.navigator.store.asked import Known, Place, known_of
from services.navigator.store.heard import OVER
from services.navigator.web.match_words import in_words
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.command import Actor
from sluss_contracts.commands.matching import ReadMatches
from sluss_contracts.matching import Match, Unanswered, Weekday
from sluss_contracts.pathway import PartOfCase, Pathway
from sluss_contracts.vocabulary import Barrier, Whose

_WHOLE: Final = frozenset(PartOfCase)
_DAYS: Final = list(Weekday)
_ENDED_WELL: Final = ("self_sustaining", "case_closed")
"""Why an enrolment ended that says nothing against the activity."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was read for one question."""

    known: Known | None
    offers: tuple[Offer, ...]


@navigator.command(ReadMatches)
def read_matches(held: Held, command: ReadMatches, ctx: Ctx) -> Decision:
    case, by, looked = the_case(held, command.referral_id), by_whom(ctx), ctx.looked_up
    standing.may_see_to(case, by)
    assert looked.known is not None, "what has a case has a referral"
    wishes = wishes_of(looked.known, command, case, _parts(by, pathway_of(case, ctx)))
    if wishes.empty and not command.activities:
        raise NothingToGoBy(
            f"of case {case.referral_id} you are shown neither why the person comes nor what they like, or "
            "nothing is known of it; say with `needs` or `interests` what to look for"
        )
    judged = [judge(wishes, offer) for offer in looked.offers]
    shown = judged if command.activities else put_in_order(wishes, judged)[: command.most]
    unmet = {} if command.activities else unanswered(wishes, judged)
    return Done(
        [],
        {
            "matches": [match_of(one).model_dump(mode="json") for one in shown],
            "unmet": [
                Unanswered(need=need, area=wishes.area, why=why).model_dump(mode="json")
                for need, why in unmet.items()
            ],
            "wanted": _told(wishes),
        },
    )


@read_matches.lookup
async def what_may_suit(tx: Tx, commands: Sequence[ReadMatches]) -> Looked:
    """Looked for with all that is known; what of it counts is decided when it is known who may see what."""
    (command,) = commands
    known = (await known_of(tx, [command.referral_id], area=command.area)).get(command.referral_id)
    if known is None:
        return Looked(None, ())
    if command.activities:
        return Looked(known, await finding.named(tx, command.activities))
    wishes = wishes_of(known, command)
    offers = await finding.candidates(tx, wishes)
    if not all(any(need in each.needs and each.free != 0 for each in offers) for need in wishes.needs):
        there = {offer.activity for offer in offers}
        near = await finding.misses(tx, wishes)
        offers += tuple(offer for offer in near if offer.activity not in there)
    return Looked(known, offers)


def wishes_of(
    known: Known,
    asked: ReadMatches | None = None,
    case: Case | None = None,
    parts: frozenset[PartOfCase] = _WHOLE,
) -> Wishes:
    """What to look for: what whoever asks says, else what the case holds of what they may see."""

    def said(name: str, otherwise: Any = None) -> Any:
        value = getattr(asked, name, None)
        return otherwise if value is None else value

    mapped, reason = PartOfCase.MAPPING in parts, PartOfCase.REASON in parts
    needs = (known.mapped_needs if mapped else ()) or (known.needs if reason else ())
    barriers = tuple(said("barriers", known.barriers if mapped else ()))
    no_more, not_now = said_no(
        chain.from_iterable(each.alternatives for each in case.looked_at) if case else ()
    )
    left, turned_down = _came_to_nothing(known.places)
    age = said("age")
    area = said("area", known.area)
    return Wishes(
        needs=tuple(dict.fromkeys(map(str, said("needs", needs)))),
        interests=tuple(dict.fromkeys(map(str, said("interests", known.interests if mapped else ())))),
        barriers=tuple(dict.fromkeys(map(str, barriers))),
        area=area,
        neighbours=known.neighbours,
        also=tuple(each for each in said("also_areas", ()) if each != area),
        near=said("near"),
        within_km=said("within_km"),
        language=said("language", known.language),
        language_required=said("language_required", Barrier.LANGUAGE in barriers),
        days=tuple(_DAYS.index(day) for day in said("days", ())),
        at_most=said("at_most"),
        mode=said("mode"),
        ages=age_told_by(known.guardian_rule) if age is None else Ages(age, age),
        gender=said("gender"),
        never=known.shut_out | frozenset(said("never", ())),
        no_more=no_more,
        not_now=left | not_now,
        asked=frozenset(place.activity for place in known.places if place.status not in OVER),
        turned_down=turned_down,
    )


def _came_to_nothing(places: Iterable[Place]) -> tuple[dict[str, str], dict[str, str]]:
    """The activities the person turned away from, and those that turned the person away, with the reasons."""
    left: dict[str, str] = {}
    turned_down: dict[str, str] = {}
    for place in places:
        if place.status in OVER and place.reason not in _ENDED_WELL:
            whose = left if place.whose == Whose.PERSON else turned_down
            whose[place.activity] = place.reason or place.status
    return left, turned_down


def match_of(one: Judged) -> Match:
    """One row, in codes and in words."""
    offer = one.offer
    return Match(
        activity=offer.activity,
        provider=offer.provider,
        provider_name=offer.provider_name,
        title=offer.title,
        area=offer.area,
        mode=offer.mode,
        acceptance=offer.acceptance,
        venue=offer.venue,
        starts=next(iter(offer.coming), None),
        free=offer.free,
        waiting=None if offer.drop_in else offer.waiting,
        points=one.points,
        parts=dict(one.parts),
        fits=tuple(map(in_words, one.fits)),
        in_the_way=tuple(map(in_words, one.in_the_way)),
        ruled_out=tuple(map(in_words, one.ruled_out)),
        unknown=one.unknown,
    )


def _parts(by: Actor, pathway: Pathway) -> frozenset[PartOfCase]:
    return parts_seen(by.role, pathway) if by.role in SEES_LESS else _WHOLE


def _told(wishes: Wishes) -> dict[str, Any]:
    return {
        "needs": list(wishes.needs),
        "interests": list(wishes.interests),
        "barriers": list(wishes.barriers),
        "language": wishes.language,
        "language_required": wishes.language_required,
        "area": wishes.area,
        "neighbours": list(wishes.neighbours),
    }
