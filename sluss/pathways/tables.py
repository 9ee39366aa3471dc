"""A pathway as tables for people: what happens when, read from its file.

python -m sluss.pathways.tables            # write them into docs/pathways/*.md
python -m sluss.pathways.tables --check    # write nothing; fail when a page says something else
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sluss.pathways.files import SHIPPED, read, shipped_file
from sluss_contracts.pathway import AfterLastAttempt, Condition, Pathway, SentBy

PAGES = Path(__file__).resolve().parents[2] / "docs" / "pathways"
_BEGIN = "<!-- made from the file; `python -m sluss.pathways.tables` writes it anew -->"
_END = "<!-- /made -->"


def tables(pathway: Pathway) -> str:
    """What happens, what is measured, how long silence may last, who hears and who sees."""
    agreed = _and(_CONSENT[str(each)] for each in pathway.entry.consent)
    return "\n".join(
        [
            "| When | What | How |",
            "|---|---|---|",
            *_rows(_happenings(pathway)),
            "",
            "| Silence | May last | Then |",
            "|---|---|---|",
            *_rows(_silences(pathway)),
            "",
            "| Measured | With |",
            "|---|---|",
            *_rows((_words(str(each.at)), _list(each.instruments)) for each in pathway.measures),
            "",
            f"- **The referrer hears** at {_and(_words(str(point)) for point in pathway.feedback)}.",
            f"- **The person must have agreed** to: {agreed}.",
            f"- **A volunteer sees** {_and(_words(str(part)) for part in pathway.visibility.volunteer)}; "
            f"**a coordinator** {_and(_words(str(part)) for part in pathway.visibility.coordinator)}.",
        ]
    )


def page_with(page: str, made: str) -> str:
    """The page with its tables as they are now. ValueError where it has no place for them."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"the page has no place between {_BEGIN} and {_END}")
    return f"{before}{_BEGIN}\n\n{made}\n\n{_END}{after}"


def outdated() -> dict[Path, str]:
    """The pages that say something else than the files, with what they should say."""
    found = {}
    for name in SHIPPED:
        path = PAGES / f"{name}.md"
        text = path.read_text(encoding="utf-8")
        if (made := page_with(text, tables(read(shipped_file(name))))) != text:
            found[path] = made
    return found


_CONSENT = {
    "referral": "being referred",
    "feedback_to_referrer": "the referrer hearing what came of it",
    "share_with_provider": "those who run activities being told their name",
}


def _happenings(pathway: Pathway) -> Iterator[tuple[str, ...]]:
    yield "at the start", "a referral", f"by {_or(_words(str(each)) for each in pathway.entry.channels)}"
    prepared = pathway.preparation
    if prepared.letter:
        form = " with a form about interests" if prepared.interest_form else ""
        yield "before the first meeting", f"a letter{form}", "by post"
    if prepared.screening:
        found = _or(_words(each) for each in prepared.screening)
        yield "before the first meeting", f"screening for {found}", f"turn to: {prepared.redirect_to}"
    then = "somebody decides" if pathway.contact.then is AfterLastAttempt.ASK else "the case closes"
    yield (
        "before the first meeting",
        f"up to {pathway.contact.attempts} attempts to reach the person",
        f"then {then}",
    )
    for number, step in enumerate(pathway.steps, 1):
        perhaps = " (perhaps)" if step.optional else ""
        support = f"; {_and(_words(str(each)) for each in step.support)}" if step.support else ""
        modes = _or(_words(str(each)) for each in step.modes)
        yield f"meeting {number}", step.name.en + perhaps, f"{step.minutes} min, {modes}{support}"
    for number, time in enumerate(pathway.followups, 1):
        while_ = ", while goals are left" if time.when is Condition.GOALS_AHEAD else ""
        modes = _or(_words(str(each)) for each in time.modes)
        yield (
            f"{time.after} days after the plan",
            f"follow-up {number}{while_}",
            f"{time.minutes} min, {modes}",
        )
    if evaluation := pathway.evaluation:
        sent = "sent by somebody outside" if evaluation.sent_by is SentBy.OUTSIDE else "sent by the network"
        with_ = _list(evaluation.instruments)
        yield f"{evaluation.after} days after the plan", "evaluation, closed or not", f"{sent}: {with_}"


_SILENCES = {
    "consent_asked": ("the person has not been asked", "the team is asked to ask"),
    "case_claimed": ("nobody has taken the case", "the team is told"),
    "person_reached": ("the person has not been reached", "the link worker is told"),
    "offer_answered": ("a provider has not answered", "the link worker asks, or finds something else"),
    "session_reported": ("nobody said whether the person came", "the link worker asks"),
    "feedback_sent": ("the referrer has not been told", "an operator is told"),
    "receipt_fetched": ("the referrer has not fetched its receipt", "the team is told"),
    "withdrawal_confirmed": ("a receiver has not confirmed a withdrawn consent", "the link worker is told"),
    "evaluation_answered": ("an evaluation has not been answered", "somebody may ask by phone"),
    "in_line": ("a place in line has not come up", "the link worker looks for something else"),
}


def _silences(pathway: Pathway) -> Iterator[tuple[str, ...]]:
    for name, days in pathway.silence:
        what, then = _SILENCES.get(name, (_words(name), "somebody is told"))
        yield what, f"{days} day{'s' if days != 1 else ''}", then


def _rows(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in rows]


def _words(code: str) -> str:
    return code.replace("_", " ")


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _and(parts: Iterable[str]) -> str:
    return _joined(list(parts), "and")


def _or(parts: Iterable[str]) -> str:
    return _joined(list(parts), "or")


def _joined(parts: list[str], with_: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {with_} {parts[-1]}"


def main(arguments: list[str]) -> int:
    wrong = outdated()
    for path, text in wrong.items():
        if arguments == ["--check"]:
            print(f"{path.name} is not what its pathway says", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if wrong and arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
