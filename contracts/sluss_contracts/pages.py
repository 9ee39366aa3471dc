"""The documentation that is made from the contracts: a page per event, commands, receipt codes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, get_args

from sluss_contracts.command import COMMANDS
from sluss_contracts.docstrings import field_docs, in_short, meaning
from sluss_contracts.event import FACTS, Audience, DataClass, Fact
from sluss_contracts.examples import example_of
from sluss_contracts.receipt import HELD_UNTIL
from sluss_contracts.schemas import KNOWN_WORDS, Schema, command_schema, every_schema
from sluss_contracts.subjects import SUBMIT, subject_template
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import Area, Code, Key, Language, Slug, VaultRef

_NOTE = "<!-- Made from the contracts by `make schemas`; change the docstrings there, not this page. -->\n"

_MAY_READ = {
    DataClass.PUBLIC: "anybody",
    DataClass.STAFF: "those who work in the network: it names people in their professional role",
    DataClass.PSEUDONYMOUS: "services that need it: still personal data, under a random pseudonym",
    DataClass.PERSONAL: "the receiver alone: it carries direct identifiers or free text",
}


def event_pages() -> dict[str, str]:
    """Markdown by file name: `README.md` (the index), one page per event, and `commands.md`."""
    schemas = every_schema()
    pages = {"README.md": _index(), "commands.md": _commands()}
    for fact in FACTS.values():
        pages[f"{_name(fact)}.md"] = _page(fact, schemas[f"{_name(fact)}.json"])
    return pages


def receipt_codes() -> str:
    """Markdown: every code a receipt may carry, and what to do."""
    docs = field_docs(RefusedBecause)
    rows = [
        ("`accepted`", "accepted", "The network has taken the referral on.", "Nothing."),
        *(
            (
                f"`{code}`",
                "held",
                f"Kept, but {until}.",
                "Nothing: somebody in the network sees to it. No other receipt follows; feedback does.",
            )
            for code, until in HELD_UNTIL.items()
        ),
        ("`cancelled`", "accepted", "The referral is taken back, as you asked.", "Nothing."),
        (
            "`entered_in_error`",
            "accepted",
            "The referral counts as never made, as you asked: it was a mistake.",
            "Nothing.",
        ),
    ]
    rows += [
        (
            f"`{code.value}`",
            "refused",
            docs[code.name],
            _what_to_do(code),
        )
        for code in RefusedBecause
    ]
    head = ("Code", "Status", "Means", "What to do")
    return f"{_NOTE}# Receipt codes\n\n{_CODES_INTRO}\n" + "\n".join(_table(head, rows)) + "\n"


_NAMED = {
    get_args(kind)[1].pattern: name
    for kind, name in (
        (Area, "area"),
        (Code, "code"),
        (Key, "id"),
        (Language, "language code"),
        (Slug, "slug"),
        (VaultRef, "vault reference"),
    )
}
"""What the shared text types of the vocabulary are called, by the pattern that tells them apart."""


def _what_to_do(code: RefusedBecause) -> str:
    match code:
        case RefusedBecause.UNKNOWN_ORGANISATION:
            return "Ask the network's operators to register you, then send the same bytes again."
        case RefusedBecause.ORGANISATION_REVOKED:
            return "Ask the network's operators."
        case RefusedBecause.UNREADABLE:
            return "Send the same bytes again later; operators are already looking."
        case RefusedBecause.ID_REUSED:
            return "Use a new `submission_id`. For the first receipt again, send the very same bytes."
        case _:
            return "Mend it and send it again; it may keep its `submission_id`."


_CODES_INTRO = """\
A receipt's `status` says what became of a submission, its `code` why. When `status` is `refused`, `faults`
lists what to mend: `path` is a JSON Pointer into what you sent, `code` says what kind of fault it is, and
`remedy` what to do. A fault never repeats the value you sent. Codes may be added: treat one you do not
know by its status.
"""


def _index() -> str:
    lines = [
        _NOTE + "# Events",
        "",
        "Everything that is said in the network, by what it is about. Each page tells what the event means, "
        "what it does not mean, who says it, who reads it, how sensitive it is, and shows one.",
        "The examples tell the story of one invented referral. [Commands](commands.md) have a page of their "
        "own; the machine-readable contracts are in `contracts/schemas/`.",
        "",
    ]
    facts = sorted(FACTS.values(), key=lambda fact: (fact.NOUN, fact.FACT))
    for noun, group in groupby(facts, key=lambda fact: fact.NOUN):
        rows = [
            (
                f"[{_name(fact)}]({_name(fact)}.md)",
                in_short(fact),
                fact.SAID_BY,
                ", ".join(fact.READ_BY),
                fact.DATA_CLASS.value,
            )
            for fact in group
        ]
        head = ("Event", "What it means", "Said by", "Read by", "Data class")
        lines += [f"## {noun.capitalize()}", "", *_table(head, rows), ""]
    return "\n".join([*lines, *_story(facts)])


def _story(facts: Iterable[type[Fact]]) -> Iterator[str]:
    """The examples in the order they happened."""
    told = sorted((example_of(fact.TYPE) for fact in facts), key=_when_told)
    yield "## The story the examples tell"
    yield ""
    yield "Siv is 80 and newly widowed. A nurse refers her; in the end she goes to a café on her own."
    yield ""
    rows = []
    for event in told:
        fact = FACTS[event["type"]]
        when = _when_told(event)[0].strftime("%Y-%m-%d %H:%M")
        rows.append((when, f"[{_name(fact)}]({_name(fact)}.md)", in_short(fact)))
    yield from _table(("When (UTC)", "Event", "What it means"), rows)
    yield ""


def _when_told(event: dict[str, Any]) -> tuple[datetime, str, int]:
    time = datetime.fromisoformat(event["time"]).astimezone(UTC)
    return time, event.get("subject", ""), event.get("sequence", 0)


def _page(fact: type[Fact], schema: Schema) -> str:
    about = [
        ("Type", f"`{fact.TYPE}`"),
        ("Said by", fact.SAID_BY),
        ("Read by", ", ".join(fact.READ_BY)),
        ("Data class", f"{fact.DATA_CLASS.value}: for {_MAY_READ[fact.DATA_CLASS]}"),
        ("Subject", f"`{_subject(fact)}`"),
        ("Belongs to", f"{fact.AGGREGATE.replace('_', ' ')} (`{fact.ID_FIELD}`)"),
        ("In order with", f"everything of the same `{fact.KEY_FIELD}`"),
        ("Schema", f"[{_name(fact)}.json](../../contracts/schemas/{_name(fact)}.json)"),
    ]
    payload = schema["definitions"][fact.__name__]
    example = json.dumps(example_of(fact.TYPE), indent=2, ensure_ascii=False)
    return "\n".join(
        [
            f"{_NOTE}# {_name(fact)}",
            "",
            meaning(fact),
            "",
            *_table(("", ""), about),
            "",
            "## Payload",
            "",
            *_table(_FIELD_HEAD, _fields(payload, schema)),
            "",
            "## Example",
            "",
            "```json",
            example,
            "```",
            "",
        ]
    )


def _commands() -> str:
    lines = [
        _NOTE + "# Commands",
        "",
        "What people and services ask the owner of something to do: request-reply on "
        "`sluss.cmd.<owner>.<verb>`. Every command carries a `command_id` (the same id gives the same "
        "answer, so a command that got no answer may be sent again), the `actor` who asks, and optionally an "
        "`expected_sequence`. The answer names the events that followed, or the rule that refused.",
        "",
    ]
    for (owner, verb), command in sorted(COMMANDS.items()):
        schema = command_schema(command)
        own = {k: v for k, v in schema["properties"].items() if k not in _OF_EVERY_COMMAND}
        lines += [f"## {owner}.{verb}", "", meaning(command), ""]
        lines += [
            *_table(("Field", "Kind", "", "Meaning"), _fields({**schema, "properties": own}, schema)),
            "",
        ]
    return "\n".join(lines)


_FIELD_HEAD = ("Field", "Kind", "", "Meaning")
_OF_EVERY_COMMAND = ("command_id", "actor", "expected_sequence")


def _fields(owner: Schema, root: Schema) -> Iterator[tuple[str, ...]]:
    for name, field in owner["properties"].items():
        must = "required" if name in owner.get("required", ()) else ""
        yield f"`{name}`", _kind(field, root), must, field.get("description", "")


def _kind(field: Schema, root: Schema) -> str:
    match field:
        case {"$ref": str(reference)}:
            return _kind(root["definitions"][reference.rpartition("/")[2]], root)
        case {"anyOf": list(options)}:
            return " or ".join(_kind(option, root) for option in options if option != {"type": "null"})
        case {"enum": list(words)}:
            return "one of " + ", ".join(f"`{word}`" for word in words)
        case _ if KNOWN_WORDS in field:
            return "for now one of " + ", ".join(f"`{word}`" for word in field[KNOWN_WORDS])
        case {"const": str(word)}:
            return f"`{word}`"
        case {"type": "array", "items": dict(items)}:
            return f"list of: {_kind(items, root)}"
        case {"type": "object", "properties": dict(inner)}:
            return "object: " + ", ".join(f"`{name}`" for name in inner)
        case {"format": "date-time"}:
            return "time with offset"
        case {"format": str(known)}:
            return known
        case {"pattern": str(pattern)} if pattern in _NAMED:
            return _NAMED[pattern]
        case {"type": "string", "maxLength": int(most)}:
            return f"text, at most {most} characters"
        case {"type": "string"}:
            return "text"
        case {"type": "integer"}:
            return "whole number"
        case _:
            return str(field.get("type", "anything"))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _subject(fact: type[Fact]) -> str:
    template = subject_template(fact)
    if fact.AUDIENCE is Audience.INGRESS:
        return f"{SUBMIT}` in the organisation's own account, stored as `{template}"
    return template.replace("{key}", f"{{{fact.KEY_FIELD}}}")


def _name(fact: type[Fact]) -> str:
    return f"{fact.NOUN}.{fact.FACT}.v{fact.VERSION}"
