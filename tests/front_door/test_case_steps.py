"""What is written on the command line of `sluss case` means what it says, or is told how to be written."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from sluss.cli import build
from sluss.commands.asking import done, moment
from sluss.commands.case import STEPS
from sluss.commands.casework.finding_out import answer_of, relation_of
from sluss.commands.casework.matching import In, offer_to_record, position_of, tell
from sluss.commands.casework.plan import alternative_of
from sluss.reach import Failure
from sluss_contracts.command import Answer
from sluss_contracts.mapping import Relation
from sluss_contracts.matching import Ground, Match, Position, Unanswered
from sluss_contracts.offering import Mode
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import Acceptance, Need, RelationWish, Verdict


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2027-01-12T14:00", datetime(2027, 1, 12, 13, tzinfo=UTC)),
        ("2027-07-12T14:00", datetime(2027, 7, 12, 12, tzinfo=UTC)),
        ("2027-07-12T14:00+00:00", datetime(2027, 7, 12, 14, tzinfo=UTC)),
    ],
)
def test_a_time_is_what_the_clock_on_the_wall_shows_unless_it_names_its_zone(
    written: str, meant: datetime
) -> None:
    assert moment(written) == meant


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_help_that_says_what_it_does(step: str) -> None:
    shown = CliRunner().invoke(build(only="case"), ["case", step, "--help"])
    assert shown.exit_code == 0
    assert (STEPS[step].__doc__ or "nothing")[:20] in shown.output


def test_an_alternative_is_an_activity_with_a_verdict_and_perhaps_a_reason() -> None:
    assert alternative_of("choir=chosen") == AlternativeLookedAt(activity="choir", verdict=Verdict.CHOSEN)
    declined = AlternativeLookedAt(activity="walk", verdict=Verdict.DECLINED, why="too_far")
    assert alternative_of("walk=declined:too_far") == declined
    for wrong in ("walk", "walk=perhaps", "walk=declined:Too far!", "=chosen"):
        with pytest.raises(Failure, match="no alternative"):
            alternative_of(wrong)


def test_a_position_is_two_numbers() -> None:
    assert position_of(None) is None
    assert position_of("58.59,16.18") == Position(latitude=58.59, longitude=16.18)
    for wrong in ("58.59", "north", "91,16"):
        with pytest.raises(Failure, match="no position"):
            position_of(wrong)


def test_a_row_of_what_may_suit_reads_as_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    row = Match(
        activity="kor",
        provider="domkyrkan",
        title="Kör [öppen]",
        area="centrum",
        mode=Mode.ON_SITE,
        acceptance=Acceptance.REQUIRED,
        venue="Domkyrkan",
        starts=datetime(2026, 3, 3, 17, tzinfo=UTC),
        points=81,
        fits=(Ground(code="hosted", sv="En värd möter.", en="A host meets."),),
        in_the_way=(Ground(code="full", sv="Det är fullt.", en="It is full."),),
    )
    tell(1, row, In.EN)
    assert capsys.readouterr().out.splitlines() == [
        "1. Kör [öppen]  kor, domkyrkan  (81)",
        "   Domkyrkan, centrum; next Tuesday 3 March 18:00",
        "   + A host meets.",
        "   ! It is full.",
    ]
    tell(1, row, In.SV)
    assert "+ En värd möter." in capsys.readouterr().out


def test_where_nothing_suits_it_says_how_to_record_that(capsys: pytest.CaptureFixture[str]) -> None:
    offer_to_record(Unanswered(need=Need.DEBT, area="centrum", why="too_far"), "0193", "anna")
    assert "sluss case unmet 0193 debt too_far --as anna" in capsys.readouterr().out


def test_a_relation_is_somebody_and_a_wish() -> None:
    assert relation_of("sister=resume") == Relation(who="sister", wish=RelationWish.RESUME)
    for wrong in ("sister", "sister=marry", "My sister=keep"):
        with pytest.raises(Failure, match="no relation"):
            relation_of(wrong)


def test_an_answer_is_a_number_or_nothing() -> None:
    assert answer_of("happy=7") == ("happy", 7)
    assert answer_of("happy=") == ("happy", None)
    for wrong in ("happy", "happy=very"):
        with pytest.raises(Failure, match="no answer"):
            answer_of(wrong)


def test_acute_words_show_where_to_turn(capsys: pytest.CaptureFixture[str]) -> None:
    done("Plan agreed", Answer(command_id=uuid4(), events=(uuid4(),), result={"acute": True, "version": 1}))
    said = capsys.readouterr().out
    assert "112" in said
    assert "1177" in said
    assert "Plan agreed: version 1" in said
