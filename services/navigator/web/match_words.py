"""Why something suits and what may be in the way, in words. Every text is a key of the translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale

from services.navigator.domain.limits import Point
from services.runtime.languages import Language, load_languages, mark
from services.runtime.web.area_words import area_in_words
from services.runtime.web.costs import cost_in_words
from services.runtime.web.site import ROOM as SHARED
from sluss_contracts.matching import Fit, Ground, Obstacle
from sluss_contracts.offering import Cost, Per

GROUNDS: Final[Mapping[str, str]] = {
    "meets_need": mark("Meets what the person needs: %(about)s."),
    "shares_interest": mark("The person likes this: %(about)s."),
    "near": mark("It is in the person's own area, %(about)s."),
    "near_counted": mark("It is %(amount)s km away."),
    "from_home": mark("One can take part from home."),
    "speaks_language": mark("It is held in %(about)s."),
    "eases_barrier": mark("Makes %(barrier)s easier: %(by)s."),
    "suits_days": mark("It is on a day that suits: %(about)s."),
    "free_of_charge": mark("%(cost)s."),
    "hosted": mark("A named host meets whoever comes for the first time."),
    "has_room": mark("Places left, as far as the network knows: %(amount)s."),
    "drop_in": mark("One may simply come."),
    "verified": mark("Somebody has looked lately and says that it is right."),
    "withdrawn": mark("It takes place no more."),
    "hidden": mark("Nobody has said for long that it is right, so it is hidden."),
    "not_this_provider": mark("This provider must not be asked for this person."),
    "too_young": mark("It is for those who are %(amount)s or older."),
    "too_old": mark("It is for those who are at most %(amount)s."),
    "other_gender": mark("It is only for %(about)s."),
    "other_language": mark("It is held only in %(about)s."),
    "too_costly": mark("%(cost)s: more than the person can spend."),
    "too_costly_counted": mark("%(cost)s, about %(amount)s kr a month: more than the person can spend."),
    "other_mode": mark("One takes part in another way: %(about)s."),
    "too_far": mark("It is too far away, in %(about)s."),
    "said_no": mark("The person has looked at it and said no: %(about)s."),
    "asked_already": mark("A place is asked for already, or held."),
    "nothing_in_common": mark("It is for something else than what is looked for."),
    "full": mark("It is full as far as the network knows; there is a waiting list."),
    "full_counted": mark("It is full as far as the network knows; in line already: %(amount)s."),
    "not_verified": mark("Nobody has answered yet whether it is still right."),
    "other_area": mark("It is in another area, %(about)s."),
    "other_area_counted": mark("It is %(amount)s km away."),
    "costs": mark("%(cost)s."),
    "costs_counted": mark("%(cost)s, about %(amount)s kr a month."),
    "cost_not_said": mark("Nobody has said what it costs."),
    "age_to_ask": mark("It is for certain ages (%(about)s); ask the person's."),
    "gender_to_ask": mark("It is only for %(about)s; ask the person."),
    "group_to_ask": mark("It is meant for: %(about)s. Ask whether that is the person."),
    "judged_together": mark("To be judged together with the person: %(about)s."),
    "limited_times": mark("One may come at most %(amount)s times."),
    "need_not_met": mark("It is not for what the person came for: %(about)s."),
    "barrier_stands": mark("Nothing is said of %(about)s."),
    "other_days": mark("It is on other days: %(about)s."),
    "nothing_coming": mark("No coming session is known."),
    "said_not_now": mark("The person has said no once, for a reason that may have passed: %(about)s."),
    "provider_said_no": mark("The provider has said no once, or not answered: %(about)s."),
}
"""What each code says; with `_counted` where kilometres or people can be told besides."""

NEEDS: Final[Mapping[str, str]] = {
    "company": mark("company"),
    "befriending": mark("somebody who keeps in touch"),
    "physical_activity": mark("moving about"),
    "culture": mark("culture"),
    "nature": mark("nature"),
    "language": mark("the language"),
    "studies": mark("studies"),
    "work": mark("work"),
    "debt": mark("debts"),
    "housing": mark("housing"),
    "parenting": mark("being a parent"),
    "carer_support": mark("support for carers"),
    "grief": mark("grief"),
    "mental_wellbeing": mark("feeling well"),
    "substance_use": mark("alcohol and drugs"),
    "digital_help": mark("help with digital things"),
    "volunteering": mark("volunteering"),
    "meaning": mark("meaning"),
}

INTERESTS: Final[Mapping[str, str]] = {
    "animals": mark("animals"),
    "art": mark("art"),
    "baking": mark("baking"),
    "coffee": mark("coffee"),
    "conversation": mark("conversation"),
    "cooking": mark("cooking"),
    "crafts": mark("crafts"),
    "cycling": mark("cycling"),
    "dance": mark("dance"),
    "faith": mark("faith"),
    "film": mark("film"),
    "fishing": mark("fishing"),
    "football": mark("football"),
    "games": mark("games"),
    "gardening": mark("gardening"),
    "gymnastics": mark("gymnastics"),
    "helping_others": mark("helping others"),
    "hiking": mark("hiking"),
    "history": mark("history"),
    "languages": mark("languages"),
    "music": mark("music"),
    "outdoors": mark("being outdoors"),
    "reading": mark("reading"),
    "singing": mark("singing"),
    "sport": mark("sport"),
    "swimming": mark("swimming"),
    "technology": mark("technology"),
    "theatre": mark("theatre"),
    "travel": mark("travel"),
    "walking": mark("walking"),
    "woodwork": mark("woodwork"),
    "writing": mark("writing"),
}

BARRIERS: Final[Mapping[str, str]] = {
    "transport": mark("getting there"),
    "cost": mark("the cost"),
    "mobility": mark("moving about in the place"),
    "health": mark("health"),
    "anxiety": mark("anxiety"),
    "childcare": mark("looking after children"),
    "caring": mark("caring for somebody"),
    "working_hours": mark("working hours"),
    "digital_access": mark("digital things"),
    "going_alone": mark("going alone"),
    "safety": mark("safety"),
}

_WAYS: Final[Mapping[str, str]] = {
    "step_free": mark("no steps"),
    "accessible_toilet": mark("accessible toilet"),
    "hearing_loop": mark("hearing loop"),
    "sign_language": mark("sign language"),
    "easy_language": mark("easy language"),
    "quiet": mark("quiet"),
    "sitting_down": mark("one may sit"),
    "bus_near": mark("a bus stop near"),
    "parking": mark("parking"),
    "children_welcome": mark("children are welcome"),
    "bring_a_friend": mark("one may bring a friend"),
    "borrow_equipment": mark("equipment to borrow"),
    "from_home": mark("from home"),
    "free_of_charge": mark("free of charge"),
    "hosted": mark("a host"),
    "drop_in": mark("drop-in"),
    "in_person": mark("in person"),
    "evenings_or_weekends": mark("evenings or weekends"),
}

OTHERS: Final[Mapping[str, str]] = {
    "monday": mark("Monday"),
    "tuesday": mark("Tuesday"),
    "wednesday": mark("Wednesday"),
    "thursday": mark("Thursday"),
    "friday": mark("Friday"),
    "saturday": mark("Saturday"),
    "sunday": mark("Sunday"),
    "woman": mark("women"),
    "man": mark("men"),
    "other": mark("others"),
    "on_site": mark("on site"),
    "digital": mark("digitally"),
    "both": mark("on site or digitally"),
    "not_my_kind": mark("not what the person likes"),
    "been_there": mark("has been there before"),
    "not_safe": mark("does not feel safe"),
    "somebody_there": mark("somebody there the person does not want to meet"),
    "too_many_people": mark("too many people"),
    "wrong_time": mark("wrong time"),
    "too_far": mark("too far"),
    "too_costly": mark("too costly"),
    "not_well_enough": mark("not well enough just now"),
    "not_for_my_age": mark("not for the person's age"),
    "not_for_my_gender": mark("not for the person's gender"),
    "not_accessible": mark("not accessible"),
    "full": mark("full"),
    "no_host": mark("nobody meets the newcomer"),
    "nobody_to_come_along": mark("nobody to come along"),
    "offer_expired": mark("no answer"),
    "expired": mark("no answer"),
    "group_is_full": mark("the group is full right now"),
    "not_this_term": mark("a break, or begins again later"),
    "wrong_level": mark("the group is at another level"),
    "cannot_right_now": mark("it did not work for them just then"),
    "not_verified": mark("nobody has said for long that it is right"),
    "provider_cannot_continue": mark("they could not go on"),
    "person_stopped": mark("the person stopped coming"),
}

_ABOUT: Final[Mapping[str, Mapping[str, str]]] = {
    Fit.MEETS_NEED: NEEDS,
    Obstacle.NEED_NOT_MET: NEEDS,
    Fit.SHARES_INTEREST: {**NEEDS, **INTERESTS},
    Obstacle.BARRIER_STANDS: {**NEEDS, **BARRIERS},
}
"""Where the same word says different things of different things."""
_LANGUAGES: Final = (Fit.SPEAKS_LANGUAGE, Obstacle.OTHER_LANGUAGE)
_AREAS: Final = (Fit.NEAR, Obstacle.OTHER_AREA, Obstacle.TOO_FAR)
_AS_SAID: Final = (Obstacle.GROUP_TO_ASK, Obstacle.JUDGED_TOGETHER)
"""What the provider says in its own words."""


@cache
def spoken() -> dict[str, Language]:
    """The navigator's texts in each language."""
    return load_languages([SHARED, Path(__file__).parent])


def in_words(point: Point) -> Ground:
    """A point in codes, and as a sentence in each language. A code without words says itself."""
    told = {code: sentence(point, language) for code, language in spoken().items()}
    return Ground(code=point.code, about=point.about, amount=point.amount, **told)


def sentence(point: Point, language: Language) -> str:
    """What a point says in one language."""
    counted = f"{point.code}_counted"
    price = _price(point)
    known = point.amount is not None and (price is None or point.amount != price.kronor)
    text = GROUNDS.get(counted if counted in GROUNDS and known else point.code)
    if text is None:
        return point.code.replace("_", " ")
    if point.code == Fit.EASES_BARRIER:
        barrier, *by = point.about
        ways = _listed([_word(each, {**NEEDS, **_WAYS}, language) for each in by])
        return language.say(text, barrier=_word(barrier, {**NEEDS, **BARRIERS}, language), by=ways)
    if price is not None:
        return language.say(text, cost=cost_in_words(price, language), amount=point.amount)
    return language.say(text, about=_listed(_told(point, language)), amount=point.amount)


def _price(point: Point) -> Cost | None:
    """The price a point speaks of, where it speaks of one."""
    if point.code == Fit.FREE_OF_CHARGE:
        return Cost(kronor=0)
    if point.code not in (Obstacle.COSTS, Obstacle.TOO_COSTLY):
        return None
    kronor, per = point.about
    return Cost(kronor=int(kronor), per=Per(per))


def _told(point: Point, language: Language) -> Sequence[str]:
    if point.code in _LANGUAGES:
        return [Locale(language.code).languages.get(each, each) for each in point.about]
    if point.code == Obstacle.AGE_TO_ASK:
        least, most = point.about
        return [f"{least}–{most}" if least and most else f"{least}+" if least else f"–{most}"]
    if point.code in _AREAS:
        return [area_in_words(each) for each in point.about]
    if point.code in _AS_SAID:
        return point.about
    words = _ABOUT.get(point.code, OTHERS)
    return [_word(each, words, language) for each in point.about]


def _word(code: str, words: Mapping[str, str], language: Language) -> str:
    return language.say(words[code]) if code in words else code.replace("_", " ")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
