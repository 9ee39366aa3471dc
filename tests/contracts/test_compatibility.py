"""The gate: every kind of breaking change is caught, and what only adds passes."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluss.compatibility.__main__ import main
from sluss.compatibility.breach import Breach, Rule
from sluss.compatibility.published import EXAMPLES, PUBLISHED, SCHEMAS, published, working
from sluss.compatibility.rules import breaches

CHECKOUT = Path(__file__).resolve().parents[2]

WORKING = working(CHECKOUT)
PUBLISHED_SCHEMAS = published(CHECKOUT).schemas

Schema = dict[str, Any]
Change = Callable[[Schema], Any]


def schema(direction: str = "said") -> Schema:
    """A contract with one of everything the gate judges."""
    return {
        "$id": "https://example.test/plan.agreed.v1.json",
        "title": "plan",
        "x-sluss": {"direction": direction, "id": "plan", "key": "referral", "readBy": ["notify"]},
        "type": "object",
        "additionalProperties": direction == "said",
        "required": ["type", "goals"],
        "properties": {
            "type": {"type": "string", "const": "plan.agreed.v1"},
            "goals": {"type": "array", "items": {"$ref": "#/definitions/Goal"}, "minItems": 1, "maxItems": 5},
            "note": {"type": "string", "minLength": 2, "maxLength": 100, "pattern": "^[a-z]+$"},
            "title": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            "version": {"type": "integer", "minimum": 1, "maximum": 99, "default": 1},
            "due": {"type": "string", "format": "date-time"},
            "where": {"type": "object", "default": {"phone": None, "email": None}},
        },
        "definitions": {
            "Goal": {
                "type": "object",
                "additionalProperties": direction == "said",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "enum": ["social", "culture"]},
                    "need": {"type": "string", "pattern": "^[a-z]+$", "x-known-words": ["company"]},
                },
            }
        },
    }


def change(make: Change, direction: str = "said") -> list[Breach]:
    before, after = schema(direction), schema(direction)
    make(after)
    assert before != after, "the planted change changed nothing"
    return breaches({"plan.agreed.v1.json": before}, {"plan.agreed.v1.json": after})


def at(document: Schema, path: str) -> Schema:
    for step in path.split("/"):
        document = document[step]
    return document


def setting(path: str, **values: Any) -> Change:
    return lambda document: at(document, path).update(values)


def dropping(path: str, keyword: str) -> Change:
    return lambda document: at(document, path).pop(keyword)


GOAL = "definitions/Goal"
KIND = f"{GOAL}/properties/kind"
NULL_OR = "properties/title"

ALWAYS_BREAKS: dict[str, tuple[Rule, Change]] = {
    "a field removed": (Rule.FIELD_REMOVED, dropping("properties", "note")),
    "a nested field removed": (Rule.FIELD_REMOVED, dropping(f"{GOAL}/properties", "need")),
    "a required field added": (
        Rule.FIELD_REQUIRED,
        lambda s: (s["properties"].update(team={"type": "string"}), s["required"].append("team")),
    ),
    "an optional field made required": (Rule.FIELD_REQUIRED, lambda s: s["required"].append("note")),
    "a nested field made required": (
        Rule.FIELD_REQUIRED,
        lambda s: at(s, GOAL)["required"].append("need"),
    ),
    "a type changed": (Rule.TYPE_CHANGED, setting("properties/version", type="string")),
    "the items' type changed": (Rule.TYPE_CHANGED, setting("properties/goals", items={"type": "string"})),
    "a constant changed": (Rule.CONST_CHANGED, setting("properties/type", const="plan.agreed.v2")),
    "a word removed": (Rule.WORDS_REMOVED, setting(KIND, enum=["social"])),
    "a list of words put where any was allowed": (
        Rule.WORDS_CLOSED,
        setting("properties/note", enum=["ab"]),
    ),
    "a longest text shortened": (Rule.LIMIT_TIGHTENED, setting("properties/note", maxLength=50)),
    "a shortest text lengthened": (Rule.LIMIT_TIGHTENED, setting("properties/note", minLength=5)),
    "fewer items allowed": (Rule.LIMIT_TIGHTENED, setting("properties/goals", maxItems=3)),
    "more items demanded": (Rule.LIMIT_TIGHTENED, setting("properties/goals", minItems=2)),
    "a smallest number raised": (Rule.LIMIT_TIGHTENED, setting("properties/version", minimum=2)),
    "a largest number lowered": (Rule.LIMIT_TIGHTENED, setting("properties/version", maximum=9)),
    "a limit set where none was": (Rule.LIMIT_TIGHTENED, setting("properties/due", maxLength=20)),
    "a pattern changed": (Rule.FORM_CHANGED, setting("properties/note", pattern="^[a-z0-9]+$")),
    "a pattern set where none was": (Rule.FORM_CHANGED, setting("properties/due", pattern="Z$")),
    "a format changed": (Rule.FORM_CHANGED, setting("properties/due", format="date")),
    "a default changed": (Rule.DEFAULT_CHANGED, setting("properties/version", default=2)),
    "a default changed further in": (
        Rule.DEFAULT_CHANGED,
        setting("properties/where", default={"phone": "112", "email": None}),
    ),
    "an alternative removed": (Rule.ALTERNATIVE_REMOVED, setting(NULL_OR, anyOf=[{"type": "string"}])),
    "a union made a plain type": (
        Rule.ALTERNATIVE_REMOVED,
        lambda s: s["properties"].update(title={"type": "string"}),
    ),
    "the limits of an alternative tightened": (
        Rule.LIMIT_TIGHTENED,
        setting(NULL_OR, anyOf=[{"type": "string", "maxLength": 5}, {"type": "null"}]),
    ),
    "another field orders": (Rule.MEANING_CHANGED, setting("x-sluss", key="plan")),
    "another field identifies": (Rule.MEANING_CHANGED, setting("x-sluss", id="version")),
    "a keyword nobody judges": (Rule.NOT_JUDGED, setting("properties/goals", uniqueItems=True)),
    "another keyword nobody judges": (Rule.NOT_JUDGED, setting(GOAL, dependencies={"kind": ["need"]})),
}

BREAKS_READERS_ONLY: dict[str, tuple[Rule, Change]] = {
    "a required field made optional": (Rule.FIELD_OPTIONAL, lambda s: s["required"].remove("goals")),
    "a word added": (Rule.WORDS_ADDED, setting(KIND, enum=["social", "culture", "support"])),
    "a list of words opened": (Rule.WORDS_OPENED, dropping(KIND, "enum")),
    "a type widened": (Rule.TYPE_WIDENED, setting("properties/version", type=["integer", "string"])),
    "an integer widened to a number": (Rule.TYPE_WIDENED, setting("properties/version", type="number")),
    "a plain type made a union": (
        Rule.ALTERNATIVE_ADDED,
        lambda s: s["properties"].update(due={"anyOf": [s["properties"]["due"], {"type": "null"}]}),
    ),
    "an alternative added": (
        Rule.ALTERNATIVE_ADDED,
        setting(NULL_OR, anyOf=[{"type": "string"}, {"type": "integer"}, {"type": "null"}]),
    ),
    "a longest text lengthened": (Rule.LIMIT_LOOSENED, setting("properties/note", maxLength=200)),
    "a shortest text shortened": (Rule.LIMIT_LOOSENED, setting("properties/note", minLength=1)),
    "a limit lifted": (Rule.LIMIT_LOOSENED, dropping("properties/goals", "maxItems")),
    "a pattern lifted": (Rule.FORM_CHANGED, dropping("properties/note", "pattern")),
}

NEVER_BREAKS: dict[str, Change] = {
    "an optional field added": setting("properties", team={"type": "string"}),
    "an optional field added further in": setting(f"{GOAL}/properties", weight={"type": "integer"}),
    "an optional field with a default added": setting(
        "properties", mode={"type": "string", "default": "walk"}
    ),
    "a word added to an open vocabulary": setting(
        f"{GOAL}/properties/need", **{"x-known-words": ["company", "grief"]}
    ),
    "prose changed": setting("properties/note", description="What they said.", title="Note"),
    "a reader added": setting("x-sluss", readBy=["notify", "console"]),
    "an optional field added to what is written out as a default": setting(
        "properties/where", default={"phone": None, "email": None, "inbox": None}
    ),
    "a default written out that was meant": setting("properties/note", default=None),
    "a definition renamed": lambda s: (
        s["definitions"].update(Aim=s["definitions"].pop("Goal")),
        at(s, "properties/goals").update(items={"$ref": "#/definitions/Aim"}),
    ),
}


@pytest.mark.parametrize("direction", ["said", "sent"])
@pytest.mark.parametrize("name", ALWAYS_BREAKS)
def test_a_change_that_breaks_in_both_directions_is_caught(name: str, direction: str) -> None:
    rule, make = ALWAYS_BREAKS[name]
    assert rule in {breach.rule for breach in change(make, direction)}


@pytest.mark.parametrize("name", BREAKS_READERS_ONLY)
def test_what_is_said_may_not_widen_under_its_readers(name: str) -> None:
    rule, make = BREAKS_READERS_ONLY[name]
    assert [breach.rule for breach in change(make, "said")] == [rule]


@pytest.mark.parametrize("name", BREAKS_READERS_ONLY)
def test_what_others_send_may_widen(name: str) -> None:
    assert change(BREAKS_READERS_ONLY[name][1], "sent") == []


@pytest.mark.parametrize("direction", ["said", "sent"])
@pytest.mark.parametrize("name", NEVER_BREAKS)
def test_what_only_adds_passes(name: str, direction: str) -> None:
    assert change(NEVER_BREAKS[name], direction) == []


def test_a_number_may_not_become_an_integer_where_it_is_stored_or_sent() -> None:
    def planted(number: Schema) -> Schema:
        return {"type": "object", "properties": {"share": number}}

    found = breaches({"a": planted({"type": "number"})}, {"a": planted({"type": "integer"})})
    assert [breach.rule for breach in found] == [Rule.TYPE_NARROWED]
    found = breaches({"a": planted({})}, {"a": planted({"type": "integer"})})
    assert [breach.rule for breach in found] == [Rule.TYPE_NARROWED]


def test_a_closed_schema_of_what_is_said_may_not_gain_a_field_or_open() -> None:
    closed = {**schema("said"), "additionalProperties": False}
    grown = copy.deepcopy(closed)
    grown["properties"]["team"] = {"type": "string"}
    opened = {**closed, "additionalProperties": True}
    assert [b.rule for b in breaches({"a": closed}, {"a": grown})] == [Rule.FIELD_ADDED_TO_CLOSED]
    assert [b.rule for b in breaches({"a": closed}, {"a": opened})] == [Rule.OPENED]
    assert [b.rule for b in breaches({"a": opened}, {"a": closed})] == [Rule.CLOSED]


def test_what_others_send_may_be_opened_and_never_closed() -> None:
    closed = schema("sent")
    opened = {**closed, "additionalProperties": True}
    assert breaches({"a": closed}, {"a": opened}) == []
    assert [b.rule for b in breaches({"a": opened}, {"a": closed})] == [Rule.CLOSED]


def test_a_contract_may_not_disappear_and_a_new_one_is_welcome() -> None:
    one, two = {"plan.agreed.v1.json": schema()}, {"plan.agreed.v2.json": schema()}
    assert [breach.rule for breach in breaches(one, two)] == [Rule.SCHEMA_REMOVED]
    assert breaches(one, one | two) == []


def test_schemas_that_refer_to_themselves_are_compared_once() -> None:
    def tree(**more: Any) -> Schema:
        node = {
            "type": "object",
            "properties": {"below": {"type": "array", "items": {"$ref": "#/definitions/Node"}}, **more},
        }
        return {"$ref": "#/definitions/Node", "definitions": {"Node": node}}

    assert breaches({"a": tree()}, {"a": tree(name={"type": "string"})}) == []
    found = breaches({"a": tree(name={"type": "string"})}, {"a": tree(name={"type": "integer"})})
    assert {breach.rule for breach in found} == {Rule.TYPE_CHANGED}


def test_a_breach_says_where_and_why() -> None:
    [breach] = change(dropping(f"{GOAL}/properties", "need"))
    assert str(breach).startswith("plan.agreed.v1.json $.goals[].need: field_removed: a field is gone")


def test_the_contracts_break_nothing_that_was_published() -> None:
    assert [str(b) for b in breaches(PUBLISHED_SCHEMAS, WORKING.schemas)] == []


@pytest.mark.parametrize("name", sorted(WORKING.schemas.keys() & PUBLISHED_SCHEMAS.keys()))
def test_every_published_contract_is_guarded(name: str) -> None:
    """Whatever the schema, taking away a field it requires is caught."""
    broken = copy.deepcopy(WORKING.schemas[name])
    field = broken.get("required", list(broken["properties"]))[-1]
    del broken["properties"][field]
    found = breaches({name: PUBLISHED_SCHEMAS[name]}, {name: broken})
    assert Rule.FIELD_REMOVED in {breach.rule for breach in found}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of nothing but the contracts."""
    shutil.copytree(CHECKOUT / SCHEMAS, tmp_path / SCHEMAS)
    shutil.copytree(CHECKOUT / EXAMPLES, tmp_path / EXAMPLES)
    shutil.copy(CHECKOUT / PUBLISHED, tmp_path / PUBLISHED)
    return tmp_path


def edit(checkout: Path, name: str, make: Change) -> None:
    path = checkout / SCHEMAS / name
    document = json.loads(path.read_text())
    make(document)
    path.write_text(json.dumps(document))


def test_the_gate_fails_on_a_break_and_will_not_accept_it(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(checkout, "receipt.issued.v1.json", lambda s: s["required"].remove("data"))
    before = (checkout / PUBLISHED).read_bytes()
    assert main(["check"], checkout) == 1
    assert main(["accept"], checkout) == 1
    assert "receipt.issued.v1.json $.data: field_optional" in capsys.readouterr().err
    assert (checkout / PUBLISHED).read_bytes() == before


def test_an_accepted_addition_may_not_be_taken_back(checkout: Path) -> None:
    name = "case.closed.v1.json"
    grow = setting("definitions/CaseClosed/properties", minutes={"type": "integer"})
    edit(checkout, name, grow)
    assert main(["check"], checkout) == 0
    assert main(["accept"], checkout) == 0
    edit(checkout, name, dropping("definitions/CaseClosed/properties", "minutes"))
    assert main(["check"], checkout) == 1


def test_nothing_published_is_an_error_until_the_first_time(checkout: Path) -> None:
    (checkout / PUBLISHED).unlink()
    assert main(["check"], checkout) == 1
    assert main(["accept"], checkout) == 0
    assert main(["check"], checkout) == 0
    assert main(["anything"], checkout) == 2


def test_the_gate_imports_nothing_it_judges() -> None:
    program = (
        "import sys, sluss.compatibility.__main__;"
        "sys.exit([m for m in sys.modules if m.startswith(('sluss_contracts', 'pydantic'))] != [])"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=False).returncode == 0
