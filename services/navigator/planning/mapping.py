"""The mapping: the person's own story first, then who is around them, what they like, what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import BEFORE, Filled, filled_in
from services.navigator.planning.mapping_form import (
    LABELS,
    MORE,
    OFFERED,
    filled_from,
    recorded_by,
    rows_of,
)
from services.navigator.planning.onward import VERSION, begun_with, send_onward
from services.navigator.planning.shell import PURPOSE, Shell, go_on
from services.navigator.web.match_words import BARRIERS, INTERESTS, NEEDS
from services.runtime.web import Language, Pages, visitor_of
from services.runtime.web.drafting import draft_of, sent
from services.runtime.web.people import words_of
from services.runtime.web.sending import NotDone
from sluss_contracts.command import Answer
from sluss_contracts.commands.planning import RecordMapping
from sluss_contracts.mapping import MappingRecorded
from sluss_contracts.pathway import PartOfCase
from sluss_contracts.vocabulary import Role

PATH = "/cases/{case_id}/mapping"


@dataclass(frozen=True, slots=True)
class Version:
    """One mapping as it was recorded."""

    number: int
    when: datetime
    told: list[tuple[str, str]]
    what_matters: str | None


def mapping_pages(shell: Shell) -> Pages:
    """The form with every version there has been."""
    pages = Pages("navigator mapping")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """What was recorded last, to be corrected or added to."""
        opened, case = await shell.open(request, case_id, PartOfCase.MAPPING)
        return await _show(request, opened, case)

    @pages.post(PATH, roles=OPENS_CASES)
    async def record(request: Request, case_id: str) -> Response:
        """Save it, or give more rows."""
        opened, case = await shell.open(request, case_id, PartOfCase.MAPPING)
        filled = await filled_in(request)
        if filled.has(MORE):
            return await _show(request, opened, case, filled)
        try:
            answer = await _record(request, opened, case, filled)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        await sent(request)
        return go_on(opened, "mapping", "mapping" if answer else "unchanged", answer)

    async def _record(request: Request, opened: OpenedCase, case: Case, filled: Filled) -> Answer | None:
        """None where nothing is different: words that are kept anew have another reference, and would be
        another version."""
        said = recorded_by(filled, case.mapping)
        filled.must_be_clear()
        if case.mapping and begun_with(filled, _version(case)):
            ref = case.mapping.what_matters
            told = await words_of(request, [ref] if ref else [], purpose=PURPOSE)
            if told is not None and said == recorded_by(
                filled_from(case.mapping, told.get(ref or "")), case.mapping
            ):
                return None
        return await send_onward(request, opened, RecordMapping, filled, of=_version(case), **said)

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        filled: Filled | None = None,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        said = await shell.reading.said(opened.referral_id, MappingRecorded)
        refs = [event.data.what_matters for event in said if event.data.what_matters]
        told = await words_of(request, refs, purpose=PURPOSE)
        versions = [_version_of(event.data, event.time, told or {}, language) for event in said]
        current = (told or {}).get(case.mapping.what_matters or "") if case.mapping else None
        draft = await draft_of(request) if filled is None and opened.may(MappingRecorded) else None
        begun = Filled(draft.form) if draft else filled
        shown = begun or filled_from(case.mapping, current)
        version = _version(case) if refusal or begun is None else begun.one(VERSION)
        return await shell.show(
            request,
            opened,
            "mapping.html",
            refusal=refusal,
            labels=LABELS,
            filled=shown,
            rows=rows_of(shown),
            # Without the words that stand there, saving the form would take them away.
            # What was refused stays in its form, whatever the case allows by now.
            may=refusal is not None or (opened.may(MappingRecorded) and told is not None),
            away=told is None and visitor_of(request).may({Role.LINK_WORKER}),
            versions=list(reversed(versions)),
            draft=draft,
            version=version,
            # A draft that was begun before somebody else's mapping has not seen it: that is shown first.
            seen=BEFORE if draft and version != str(_version(case)) else opened.sequence,
            choices=_choices(language, case.mapping),
        )

    return pages


def _version(case: Case) -> int:
    return case.mapping.version if case.mapping else 0


def _choices(language: Language, before: MappingRecorded | None) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen in each field, with what was recorded before, in the order of the language."""
    interests = {*map(str, OFFERED["interests"]), *(before.interests if before else ())}
    relations = {*words.RELATIONS, *(each.who for each in (before.relations if before else ()))}
    return {
        "needs": words.named(map(str, OFFERED["needs"]), NEEDS, language),
        "interests": words.named(interests, {**NEEDS, **INTERESTS}, language),
        "barriers": words.named(map(str, OFFERED["barriers"]), {**NEEDS, **BARRIERS}, language),
        "relations": words.named(relations, words.RELATIONS, language),
        "wishes": [(code, language.say(text)) for code, text in words.WISHES.items()],
        "lonely_for": [(code, language.say(text)) for code, text in words.LONELY_FOR.items()],
        "support_level": [(code, language.say(text)) for code, text in words.SUPPORT_LEVELS.items()],
    }


def _version_of(
    mapping: MappingRecorded, when: datetime, told: Mapping[str, str], language: Language
) -> Version:
    def listed(codes: tuple[str, ...], names: dict[str, str]) -> str:
        return ", ".join(words.called(str(code), language, names) for code in codes)

    relations = ", ".join(
        f"{words.called(each.who, language, words.RELATIONS)}: "
        f"{words.called(each.wish.value, language, words.WISHES)}"
        for each in mapping.relations
    )
    rows = [
        ("relations", relations),
        ("needs", listed(mapping.needs, dict(NEEDS))),
        ("interests", listed(mapping.interests, {**NEEDS, **INTERESTS})),
        ("barriers", listed(mapping.barriers, {**NEEDS, **BARRIERS})),
        ("lonely_for", words.called(mapping.lonely_for.value, language, words.LONELY_FOR)),
        ("support_level", words.called(mapping.support_level.value, language, words.SUPPORT_LEVELS)),
    ]
    shown = [(language.say(LABELS[name]), text) for name, text in rows if text]
    return Version(mapping.version, when, shown, told.get(mapping.what_matters or ""))
