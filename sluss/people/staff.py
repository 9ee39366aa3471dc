"""Everything somebody might do now or soon: link workers, volunteers, providers, referrers, the people.

Pure: given the picture, the lives that are lived and the time, say who does what next, or nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sluss.people.acting import Act, ByLetter, Scene, TakeBack, answers_to
from sluss.people.guides import on_task, seen_to
from sluss.people.hosts import on_enrolment, still_right
from sluss.people.lives import Life, Turn
from sluss.people.picture import Case, Evaluation, Picture
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import InstrumentAnswered, RecordEvaluation
from sluss_contracts.commands.referral import ConfirmWithdrawal
from sluss_contracts.pathway import SentBy
from sluss_contracts.vocabulary import Role

__all__ = ["Act", "acts"]

_NOBODY_KNOWN = Turn.USUAL
BY_LETTER = 0.5
"""Of a hundred people who answer so many open the link they were sent, where they have a letterbox."""


def acts(
    picture: Picture,
    now: datetime,
    seed: int,
    lives: Mapping[str, Life] | None = None,
    *,
    by_links: bool = False,
    by_letters: bool = False,
) -> Iterator[Act]:
    """What may be done; the same picture, lives and seed give the same acts.

    With `by_links` some providers answer on the pages they get links to, with `by_letters` some people the
    questions they are sent. `lives` are by submission. Of a
    referral that is nobody's here, somebody takes care in the usual way.
    """
    known = lives or {}
    for task in picture.tasks.values():
        case = picture.cases.get(task["referral_id"])
        if case is not None:
            yield from on_task(_scene(picture, case, known, seed, now, task["since"]), task)
        else:
            over = Case(task["referral_id"], picture.closed.get(task["referral_id"], ""))
            yield from seen_to(_scene(picture, over, known, seed, now, task["since"]), task)
    for enrolment in picture.enrolments.values():
        if case := picture.cases.get(enrolment.referral):
            scene = _scene(picture, case, known, seed, now, enrolment.since)
            yield from on_enrolment(scene, enrolment, by_links=by_links)
    for case in picture.cases.values():
        yield from _by_referrer(_scene(picture, case, known, seed, now, now))
    for referral, receivers in picture.receivers.items():
        over = picture.cases.get(referral) or Case(referral, picture.closed.get(referral, ""))
        scene = _scene(picture, over, known, seed, now, now)
        for receiver in sorted(receivers):
            by = Actor(id=receiver, role=Role.PROVIDER)
            yield scene.act(f"removed:{receiver}", ConfirmWithdrawal, by=by, at=now, receiver=receiver)
    for activity, asked in picture.to_verify.items():
        yield from still_right(picture, activity, asked, seed, by_links=by_links)
    for evaluation in picture.evaluations.values():
        yield from _evaluated(picture, evaluation, known, seed, now, by_letters=by_letters)


def _scene(
    picture: Picture, case: Case, lives: Mapping[str, Life], seed: int, now: datetime, since: datetime
) -> Scene:
    life = lives.get(case.submission) or _somebody(case, seed)
    return Scene(picture, case, life, now, since)


def _somebody(case: Case, seed: int) -> Life:
    """A life for whoever was referred by others than us: their referral is all that tells them apart."""
    number = sum(ord(letter) << (n % 16) for n, letter in enumerate(case.referral))
    return Life(seed, number, case.pathway, _NOBODY_KNOWN, case.submitted_by, case.submission, {}, 0.0)


def _by_referrer(scene: Scene) -> Iterator[Act]:
    """Some are taken back: once somebody has the case, or before anything has been agreed."""
    turns = {Turn.TAKEN_BACK: ("found_other_help", False), Turn.BY_MISTAKE: ("wrong_person", True)}
    if scene.turn in turns and scene.said("contact.attempted"):
        why, mistake = turns[scene.turn]
        life, referral = scene.life, scene.case.referral
        errand = TakeBack(life.organisation, referral, f"{life.submission_id}-back", why, mistake)
        yield Act(f"{referral}:taken_back", scene.now, errand)


def _evaluated(
    picture: Picture,
    evaluation: Evaluation,
    lives: Mapping[str, Life],
    seed: int,
    now: datetime,
    *,
    by_letters: bool,
) -> Iterator[Act]:
    """Whom the network asks by itself some answer by the link in the letter, and the others are called up in
    the end; the outside distributor asks the rest."""
    if evaluation.status != "due" or evaluation.sent_by != SentBy.NETWORK or evaluation.since is None:
        return
    referral = evaluation.referral
    case = picture.cases.get(referral) or Case(referral, picture.closed.get(referral, ""))
    scene = _scene(picture, case, lives, seed, now, evaluation.since + timedelta(days=2))
    if scene.chance("answers at all").random() < 0.2:
        return
    answers = tuple(
        InstrumentAnswered(
            instrument=instrument,
            version=1,
            answers=answers_to(instrument, scene.chance(f"evaluation:{instrument}"), better=0.2),
        )
        for instrument in evaluation.instruments
    )
    by = Actor(id="coordinator", role=Role.COORDINATOR)
    fields = {"evaluation_id": evaluation.id, "how": "phone", "answers": answers}
    called = scene.act("evaluated", RecordEvaluation, by=by, with_=fields)
    if by_letters and evaluation.letter and scene.chance("opens the link").random() < BY_LETTER:
        said = _filled_in(answers)
        command = scene.asked("evaluated", RecordEvaluation, by=by, with_=fields)
        called = Act(called.what, called.not_before, ByLetter(evaluation.letter, said, command))
    yield called


def _filled_in(answers: Iterable[InstrumentAnswered]) -> dict[str, str]:
    """The same on the page: every question has an answer, if only that there is none."""
    return {
        f"item-{each.instrument}-{item}": "none" if value is None else str(value)
        for each in answers
        for item, value in each.answers.items()
    }
