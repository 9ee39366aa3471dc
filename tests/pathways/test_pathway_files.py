"""A pathway's file is judged whole: each mistake is told with its file, its line and what to do about it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sluss.pathways.files import SHIPPED, judged, read, read_all, shipped, shipped_file
from sluss.registry.entries import Faulty
from sluss_contracts.pathway import DEFAULT, Mark, SentBy
from sluss_contracts.vocabulary import Channel, MeetingMode, SupportKind
from tests.contracts.judging import validator

CHECKOUT = Path(__file__).parents[2]

GOOD = """\
# Our own way
pathway = "our-own"
marks = ["trial"]

[name]
sv = "Vår egen"
en = "Our own"

[summary]
sv = "Som vi gör."
en = "As we do."

[[steps]]
kind = "first"
name = { sv = "Första", en = "First" }
minutes = 45
modes = ["clinic"]

[[steps]]
kind = "short"
modes = [
    "phone",
    "video",
]
[steps.name]
sv = "Kort"
en = "Short"

[[followups]]
after = 21

[silence]
offer_answered = 5
"""


def told(text: str) -> list[str]:
    with pytest.raises(Faulty) as caught:
        judged(text, "our.toml")
    return [str(mistake) for mistake in caught.value.mistakes]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_good_file_is_a_pathway() -> None:
    pathway = judged(GOOD, "our.toml")
    assert [step.modes for step in pathway.steps] == [
        (MeetingMode.CLINIC,),
        (MeetingMode.PHONE, MeetingMode.VIDEO),
    ]
    assert pathway.silence.offer_answered == 5
    assert pathway.silence.feedback_sent == 3, "what is left out is as the format says"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            changed('sv = "Vår egen"', "sv = Vår egen"),
            'our.toml:6: is not TOML here (Invalid value); write text in "quotes", lists in [brackets], '
            "and true or false in small letters",
        ),
        (
            changed("after = 21", "after: 21"),
            "our.toml:30: is not TOML here (Expected '=' after a key in a key/value pair); "
            "write it as: key = value",
        ),
        (
            changed("minutes = 45", "minutes = 45\nminutes = 50"),
            "our.toml:17: is not TOML here (Cannot overwrite a value); it is said twice; keep one of them",
        ),
        (
            changed("[silence]", "[name]"),
            "our.toml:32: is not TOML here (Cannot declare ('name',) twice); "
            "this table is there twice; join them, or write [[…]] where there are to be several",
        ),
        (
            changed('en = "Our own"\n', ""),
            "our.toml:5: name: en is missing; add it",
        ),
        (
            changed('pathway = "our-own"\n', ""),
            "our.toml:1: pathway is missing; add it",
        ),
        (
            changed("offer_answered", "offer_anwsered"),
            "our.toml:33: silence: offer_anwsered is nothing a pathway has; did you mean offer_answered?",
        ),
        (
            changed("[silence]", "[quiet]"),
            "our.toml:32: quiet is nothing a pathway has; there may be: contact, entry, evaluation, "
            "feedback, followups, marks, measures, messages, name, pathway, preparation, silence, steps, "
            "summary, visibility",
        ),
        (
            changed('    "video",', '    "vidoe",'),
            "our.toml:23: steps 2: modes 2: 'vidoe' is none of the words; did you mean 'video'? It is one of "
            "clinic, home, phone, video, walk",
        ),
        (
            changed('kind = "short"', 'kind = "tea"'),
            "our.toml:20: steps 2: kind: 'tea' is none of the words; it is one of first, planning, step_two, "
            "mapping, short, follow_up",
        ),
        (
            changed("minutes = 45", "minutes = 900"),
            "our.toml:16: steps 1: minutes: give 480 or less",
        ),
        (
            changed("after = 21", "after = 0"),
            "our.toml:30: followups 1: after: give 1 or more",
        ),
        (
            changed("after = 21", 'after = "three weeks"'),
            "our.toml:30: followups 1: after: give a number, a list or true/false here, not text in quotes",
        ),
        (
            changed('pathway = "our-own"', 'pathway = "Our Own"'),
            "our.toml:2: pathway: use lower-case letters, digits and hyphens alone, as in open-network",
        ),
        (
            changed('modes = ["clinic"]', "modes = []"),
            "our.toml:17: steps 1: modes: give at least 1",
        ),
        (
            changed('sv = "Kort"', 'sv = ""'),
            "our.toml:26: steps 2: name: sv: give at least 1 character",
        ),
        (
            changed('marks = ["trial"]', 'marks = ["trial"]\nfeedback = ["plan"]'),
            "our.toml:4: feedback must hold 'closure': a referrer always hears how it ended",
        ),
        (
            changed("after = 21", "after = 21\n\n[[followups]]\nafter = 7"),
            "our.toml:29: followups must come in the order of their 'after', each later than the last",
        ),
        (
            GOOD + '\n[[measures]]\nat = "baseline"\ninstruments = ["ons4"]\n' * 2,
            "our.toml:35: measures may name each timepoint once; put its instruments in one list",
        ),
    ],
)
def test_a_mistake_is_told_with_file_line_and_remedy(text: str, expected: str) -> None:
    assert told(text) == [expected]


def test_all_mistakes_of_a_file_are_told_at_once_from_the_top() -> None:
    text = changed('en = "Our own"\n', "").replace('"video"', '"vidoe"').replace("after = 21", "after = 0")
    assert [line.split(": ")[0] for line in told(text)] == ["our.toml:5", "our.toml:22", "our.toml:29"]


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    absent, bytes_ = tmp_path / "none.toml", tmp_path / "bytes.toml"
    bytes_.write_bytes(b'pathway = "x"\n# V\xe5r egen\n')
    for path, expected in ((absent, "there is no such file"), (bytes_, "save the file as UTF-8")):
        with pytest.raises(Faulty, match=expected):
            read(path)
    with pytest.raises(Faulty, match=re.escape(f"{bytes_}:2: is not UTF-8 text here")):
        read(bytes_)


def test_two_files_of_the_same_pathway_are_not_both_meant(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(Faulty, match=r"b\.toml:2: pathway: our-own is in .*a\.toml too"):
        read_all([tmp_path / "a.toml", tmp_path / "b.toml"])


@pytest.mark.slow
def test_the_command_says_it_and_fails(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(changed("minutes = 45", "minutes = 900"))

    def check(*files: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "sluss.cli", "pathway", "check", *files)
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    wrong = check(str(bad))
    assert wrong.returncode == 1
    assert f"{bad}:16: steps 1: minutes: give 480 or less" in wrong.stderr
    right = check(*(str(shipped_file(name)) for name in SHIPPED))
    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout.count("no mistakes") == len(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_is_named_as_its_pathway_and_fits_the_published_schema(name: str) -> None:
    assert read(shipped_file(name)).pathway == name
    schema = json.loads((CHECKOUT / "contracts/schemas/pathway.v1.json").read_text())
    document = tomllib.loads(shipped_file(name).read_text())
    assert list(validator(schema).iter_errors(document)) == []


def test_all_files_of_the_folder_are_shipped_and_none_besides() -> None:
    assert {path.stem for path in (CHECKOUT / "pathways").glob("*.toml")} == set(SHIPPED)
    assert SHIPPED[0] == DEFAULT


def test_each_shipped_pathway_has_its_mark() -> None:
    known = {pathway.pathway: pathway for pathway in shipped()}
    skarptorp = known["tillsammans-skarptorp"]
    assert skarptorp.preparation.letter
    assert skarptorp.preparation.interest_form
    assert skarptorp.preparation.screening == ("social_phobia",)
    assert skarptorp.evaluation is not None
    assert skarptorp.evaluation.sent_by is SentBy.OUTSIDE
    assert skarptorp.steps[0].minutes == 45
    assert {SupportKind.HOST, SupportKind.ACCOMPANIMENT} <= set(skarptorp.steps[1].support)
    assert [time.minutes for time in skarptorp.followups] == [30, 30]
    assert skarptorp.followups[1].modes == (MeetingMode.PHONE,)
    assert set(known["sar-umea"].marks) == {Mark.ALTERNATIVES, Mark.TRIAL, Mark.MAY_GIVE, Mark.SPILL_OVER}
    assert known["halsolots-hogsby"].steps[0].modes[:2] == (MeetingMode.HOME, MeetingMode.VIDEO)
    assert Mark.OUTSIDE_SERIES in known["frome-connectors"].marks
    assert Mark.MANY_SHORT_CONTACTS in known["bromley-by-bow"].marks
    assert set(known["open-network"].entry.channels) == set(Channel)
