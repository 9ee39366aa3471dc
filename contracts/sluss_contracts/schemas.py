"""JSON Schemas of everything that travels, made from the code.

Draft 7, because that is what AsyncAPI and most languages' tools read. There are two directions:

* what the network *says* (events, answers) has an open schema: a field or, where the vocabulary is open, a
  word that a reader does not know is no error. Absent and null are one thing there, and it is written absent;
* what others *send* (submissions, commands) has a closed one: what the contract does not have is refused.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sluss_contracts.command import COMMANDS, Answer, Command
from sluss_contracts.docstrings import field_docs, meaning
from sluss_contracts.event import FACTS, SCHEMA_BASE, Audience, Envelope, Event, Fact, schema_url
from sluss_contracts.pathway import Pathway
from sluss_contracts.submission import ENVELOPES, Sent
from sluss_contracts.words import WORD, OpenVocabulary

DIALECT = "http://json-schema.org/draft-07/schema#"
Direction = Literal["said", "sent"]
Schema = dict[str, Any]

KNOWN_WORDS = "x-known-words"
"""Keyword: the words an open vocabulary has today. Others may come, and readers must cope."""


class _Sent(GenerateJsonSchema):
    """Closed schemas, described by the docstrings under the fields; no invented titles."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        docs = field_docs(schema["cls"])
        for name, field in made.get("properties", {}).items():
            if name in docs:
                field["description"] = docs[name]
        return made

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        made = super().enum_schema(schema)
        made.pop("title", None)
        return made


class _Said(_Sent):
    """Open schemas, for readers."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("additionalProperties", None)
        return made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        made = super().enum_schema(schema)
        if issubclass(schema["cls"], OpenVocabulary):
            made[KNOWN_WORDS] = made.pop("enum")
            made["pattern"] = WORD.pattern
        return made


def event_schema(fact: type[Fact]) -> Schema:
    """An event as its readers get it: envelope and payload, open."""
    made = _schema(Event[fact], "said")  # type: ignore[valid-type]
    made["required"] = [name for name in made["properties"] if name != "causationid"]
    made["properties"]["type"] = {"const": fact.TYPE, "type": "string"}
    made["properties"]["dataschema"] = {"const": schema_url(fact), "type": "string", "format": "uri"}
    return _headed(made, schema_url(fact), fact.TYPE, meaning(fact), _facts_about(fact, "said"))


def submission_schema(fact: type[Fact], envelope: type[Sent]) -> Schema:
    """A submission as an organisation must write it. The payload is closed; the envelope may carry other
    CloudEvents extension attributes, which are ignored."""
    made = _schema(envelope, "sent")
    return _headed(made, schema_url(fact), fact.TYPE, meaning(fact), _facts_about(fact, "sent"))


def command_schema(command: type[Command]) -> Schema:
    """A command as its owner takes it, closed."""
    made = _schema(command, "sent")
    about = {"direction": "sent", "owner": command.OWNER, "verb": command.VERB, "key": command.KEY_FIELD}
    name = f"{command.OWNER}.{command.VERB}"
    return _headed(made, f"{SCHEMA_BASE}/commands/{name}.json", name, meaning(command), about)


def answer_schema() -> Schema:
    """What the owner of a command answers, open."""
    made = _schema(Answer, "said")
    about = {"direction": "said"}
    return _headed(made, f"{SCHEMA_BASE}/commands/answer.json", "answer", meaning(Answer), about)


def pathway_schema() -> Schema:
    """The file a pathway is edited in (`pathways/*.toml`), closed: a misspelt name is found, not ignored."""
    made = _schema(Pathway, "sent")
    about = {"direction": "sent"}
    return _headed(made, f"{SCHEMA_BASE}/pathway.v1.json", "pathway", meaning(Pathway), about)


def every_schema() -> dict[str, Schema]:
    """All of them by file name below `schemas/`, in the order of their names."""
    found = {"commands/answer.json": answer_schema(), "pathway.v1.json": pathway_schema()}
    for (owner, verb), command in COMMANDS.items():
        found[f"commands/{owner}.{verb}.json"] = command_schema(command)
    for fact in FACTS.values():
        name = f"{fact.NOUN}.{fact.FACT}.v{fact.VERSION}.json"
        if fact.AUDIENCE is Audience.INGRESS:
            found[name] = submission_schema(fact, ENVELOPES[fact])
        else:
            found[name] = event_schema(fact)
    return dict(sorted(found.items()))


def envelope_attributes() -> list[str]:
    """The attributes every event of the network has, in the order they are written."""
    return list(Envelope.model_fields)


def _schema(model: Any, direction: Direction) -> Schema:
    generator = _Said if direction == "said" else _Sent
    made = TypeAdapter(model).json_schema(
        ref_template="#/definitions/{model}", schema_generator=generator, mode="validation"
    )
    if "$defs" in made:
        made["definitions"] = made.pop("$defs")
    return made


def _headed(made: Schema, url: str, title: str, description: str, about: Schema) -> Schema:
    head = {"$schema": DIALECT, "$id": url, "title": title, "description": description, "x-sluss": about}
    return {**head, **{key: value for key, value in made.items() if key not in head}}


def _facts_about(fact: type[Fact], direction: Direction) -> Schema:
    return {
        "direction": direction,
        "saidBy": fact.SAID_BY,
        "readBy": list(fact.READ_BY),
        "dataClass": fact.DATA_CLASS.value,
        "audience": fact.AUDIENCE.value,
        "aggregate": fact.AGGREGATE,
        "id": fact.ID_FIELD,
        "key": fact.KEY_FIELD,
    }
