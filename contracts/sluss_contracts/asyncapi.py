"""The AsyncAPI 3 document: who says what where, who reads it, and what a partner sees of it.

An operation is named `<who>.<says|reads|answers|asks>.<what>`: AsyncAPI describes one application, and a
network of several is one document with the operations of each, tagged by whose they are.
"""

from __future__ import annotations

import re
from typing import Any

from sluss_contracts.command import COMMANDS, Command
from sluss_contracts.docstrings import in_short, meaning
from sluss_contracts.event import CONTENT_TYPE, FACTS, Audience, Fact
from sluss_contracts.examples import example_of
from sluss_contracts.schemas import DIALECT
from sluss_contracts.subjects import COMMANDS as COMMAND_SUBJECTS
from sluss_contracts.subjects import SLOTS, SUBMIT, subject_template

VERSION = "0.1.0"
"""Of the contracts as a whole; the package's own version."""

_DRAFT_7 = "application/schema+json;version=draft-07"
_ANSWERS = "answers"
_VARIABLE = re.compile(r"\{(\w+)\}")

Part = dict[str, Any]


def document() -> Part:
    """The whole document, as plain data."""
    facts = [FACTS[name] for name in sorted(FACTS)]
    commands = [COMMANDS[key] for key in sorted(COMMANDS)]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sluss",
            "version": VERSION,
            "description": _INTRODUCTION,
            "license": {"name": "EUPL-1.2"},
            "tags": [{"name": name, "description": text} for name, text in _WHO.items()],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _SERVERS,
        "channels": _channels(facts, commands),
        "operations": _operations(facts, commands),
        "components": {
            "messages": _messages(facts, commands),
            "messageTraits": {"event": _EVENT_HEADERS},
            "securitySchemes": {
                "credentials": {
                    "type": "userPassword",
                    "description": "A NATS credentials file (JWT and seed) from `sluss partner add`.",
                }
            },
        },
    }


def _channels(facts: list[type[Fact]], commands: list[type[Command]]) -> Part:
    found: Part = {}
    for fact in facts:
        name = _name(fact)
        found[name] = {
            "address": subject_template(fact),
            "title": name,
            "description": in_short(fact),
            "servers": [_ref("servers", server) for server in _seen_from(fact)],
            "parameters": {key: _PARAMETERS[key] for key in _VARIABLE.findall(subject_template(fact))},
            "messages": {name: _ref("components/messages", name)},
        }
        if fact.AUDIENCE is Audience.INGRESS:
            submit = found.setdefault(
                "partner.submit",
                {
                    "address": SUBMIT,
                    "title": "partner.submit",
                    "description": "Where a partner publishes, in its own account. The broker adds whose.",
                    "servers": [_ref("servers", "partner")],
                    "messages": {},
                },
            )
            submit["messages"][name] = _ref("components/messages", name)
    for command in commands:
        name = _command_name(command)
        found[name] = {
            "address": f"{COMMAND_SUBJECTS}.{name}",
            "title": name,
            "description": in_short(command),
            "servers": [_ref("servers", "network")],
            "messages": {name: _ref("components/messages", name)},
        }
    found[_ANSWERS] = {
        "address": None,
        "title": "answers",
        "description": "The inbox the asker names in the request (NATS request-reply).",
        "servers": [_ref("servers", "network")],
        "messages": {"answer": _ref("components/messages", "answer")},
    }
    return found


def _operations(facts: list[type[Fact]], commands: list[type[Command]]) -> Part:
    found: Part = {}
    for fact in facts:
        name = _name(fact)
        if fact.AUDIENCE is Audience.INGRESS:
            found[f"partner.says.{name}"] = _operation("send", "partner", fact, "partner.submit")
        else:
            found[f"{fact.SAID_BY}.says.{name}"] = _operation("send", fact.SAID_BY, fact, name)
        for reader in fact.READ_BY:
            found[f"{reader}.reads.{name}"] = _operation("receive", reader, fact, name)
    for command in commands:
        name = _command_name(command)
        found[f"{command.OWNER}.answers.{command.VERB}"] = {
            "action": "receive",
            "summary": in_short(command),
            "channel": _ref("channels", name),
            "tags": [{"name": command.OWNER}],
            "messages": [_ref(f"channels/{name}/messages", name)],
            "reply": {
                "channel": _ref("channels", _ANSWERS),
                "messages": [_ref(f"channels/{_ANSWERS}/messages", "answer")],
            },
        }
    return dict(sorted(found.items()))


def _operation(action: str, who: str, fact: type[Fact], channel: str) -> Part:
    return {
        "action": action,
        "summary": in_short(fact),
        "channel": _ref("channels", channel),
        "tags": [{"name": who}],
        "messages": [_ref(f"channels/{channel}/messages", _name(fact))],
    }


def _messages(facts: list[type[Fact]], commands: list[type[Command]]) -> Part:
    found: Part = {}
    for fact in facts:
        name, example = _name(fact), example_of(fact.TYPE)
        found[name] = {
            "name": fact.TYPE,
            "title": name,
            "summary": in_short(fact),
            "description": meaning(fact),
            "contentType": CONTENT_TYPE,
            "tags": [{"name": fact.DATA_CLASS.value}],
            "traits": [_ref("components/messageTraits", "event")],
            "payload": _payload(f"./{name}.json"),
            "correlationId": {"location": "$message.payload#/correlationid"},
            "examples": [
                {
                    "name": name,
                    "headers": {"content-type": CONTENT_TYPE, "Nats-Msg-Id": example["id"]},
                    "payload": example,
                }
            ],
        }
        if fact.AUDIENCE is Audience.INGRESS:
            del found[name]["correlationId"]
    for command in commands:
        name = _command_name(command)
        found[name] = {
            "name": name,
            "title": name,
            "summary": in_short(command),
            "description": meaning(command),
            "contentType": "application/json",
            "payload": _payload(f"./commands/{name}.json"),
            "correlationId": {"location": "$message.payload#/command_id"},
        }
    found["answer"] = {
        "name": "answer",
        "title": "answer",
        "summary": "The owner's answer to a command.",
        "contentType": "application/json",
        "payload": _payload("./commands/answer.json"),
        "correlationId": {"location": "$message.payload#/command_id"},
    }
    return found


def _seen_from(fact: type[Fact]) -> tuple[str, ...]:
    return ("network", "partner") if fact.AUDIENCE is Audience.PARTNER else ("network",)


def _payload(reference: str) -> Part:
    return {"schemaFormat": _DRAFT_7, "schema": {"$ref": reference}}


def _ref(place: str, name: str) -> Part:
    return {"$ref": f"#/{place}/{name}"}


def _name(fact: type[Fact]) -> str:
    return f"{fact.NOUN}.{fact.FACT}.v{fact.VERSION}"


def _command_name(command: type[Command]) -> str:
    return f"{command.OWNER}.{command.VERB}"


_INTRODUCTION = """\
Organisations exchange typed events; nobody calls anybody else's database. Every event is a CloudEvent in
structured JSON. Events of one partition key are read in the order they were said; nothing is promised
across keys. Any event may arrive twice, with the same id.

Within a major version only optional fields are added. Readers ignore what they do not know; senders may
not send it. A new major version is a new type, published beside the old one for twelve months.
"""

_WHO = {
    "referral": "Takes submissions in, keeps the vault, answers with receipts.",
    "navigator": "Link workers, cases, plans and tasks.",
    "provider": "Activities, sessions, places, attendance.",
    "notify": "Follow-ups, deadlines, messages, feedback.",
    "console": "Operators' view: reads everything, changes nothing.",
    "partner": "An organisation outside: submits, fetches its receipts and feedback, and sees nothing else.",
}

_SERVERS = {
    "network": {
        "host": "nats.sluss.example:4222",
        "protocol": "nats",
        "description": "The account of the network's own services.",
        "security": [_ref("components/securitySchemes", "credentials")],
    },
    "partner": {
        "host": "nats.sluss.example:4222",
        "protocol": "nats",
        "description": (
            "The same broker, seen from one organisation's own account: it publishes `referral.submit`, and "
            "pulls and acknowledges the durable consumer `partner` of its stream `OUT_<organisation>`."
        ),
        "security": [_ref("components/securitySchemes", "credentials")],
    },
}

_PARAMETERS: dict[str, Part] = {
    "slot": {
        "description": f"The ordered lane: CRC-32 of the key, modulo {SLOTS}.",
        "enum": [str(slot) for slot in range(SLOTS)],
    },
    "key": {"description": "The partition key: the referral's id, or the slug of what is registered."},
    "organisation": {"description": "The organisation's slug."},
}

_EVENT_HEADERS: Part = {
    "headers": {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "Nats-Msg-Id": {
                "type": "string",
                "description": "The event's id: the broker drops a second copy within its window.",
            },
            "content-type": {"type": "string", "const": CONTENT_TYPE},
            "Sluss-Number": {
                "type": "string",
                "pattern": "^[1-9][0-9]*$",
                "description": "Counts what one service says in one slot, or to one organisation: no gaps.",
            },
        },
    }
}
