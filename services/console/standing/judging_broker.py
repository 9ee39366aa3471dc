"""What is wrong with the broker, said in words with the next command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.console.standing.broker import FULL, Server, Stream
from services.console.standing.finding import Finding, Trouble, words
from services.console.standing.judging import lasting, size
from services.console.standing.place import LOGS
from services.runtime.languages import mark
from sluss_contracts.subjects import EVENT_STREAM, ingress_stream

FRESH: Final = timedelta(minutes=5)
"""So long it is told that a server or stream is new: something has happened, even if it has healed."""
MANY: Final = 200
"""Submissions of one organisation that wait; a few arrive and are gone within a second."""


def of_servers(servers: Sequence[Server]) -> Finding:
    """The broker's servers, by their monitoring."""
    name = words(mark("broker"))
    answering = [server for server in servers if server.answers]
    troubles = []
    for server in servers:
        if not server.answers:
            what = words(mark("the server at %(address)s does not answer"), address=server.address)
            troubles.append(Trouble(what, ("sluss doctor", f"{LOGS}nats.log"), "broker-restarted"))
        elif not server.durable:
            what = words(mark("it does not write through to disk: set sync_interval to always"))
            troubles.append(Trouble(what))
        elif server.limit and server.stored > FULL * server.limit:
            what = words(
                mark("its store is almost full: %(stored)s of %(limit)s"),
                stored=size(server.stored),
                limit=size(server.limit),
            )
            troubles.append(Trouble(what, ("df -h", "sluss streams"), "disk-nearly-full"))
    if not answering:
        return Finding("broker", name, words(mark("does not answer")), tuple(troubles))
    youngest = min(server.up for server in answering)
    state = words(
        mark("answers, %(connections)s connections, %(stored)s stored, writes through to disk, up %(up)s"),
        connections=sum(server.connections for server in answering),
        stored=size(sum(server.stored for server in answering)),
        up=lasting(youngest),
    )
    if youngest < FRESH:
        state = words(
            mark("answers, started %(up)s ago; %(connections)s connections, %(stored)s stored"),
            up=lasting(youngest),
            connections=sum(server.connections for server in answering),
            stored=size(sum(server.stored for server in answering)),
        )
    return Finding("broker", name, state, tuple(troubles))


def of_streams(streams: Sequence[Stream], age: timedelta | None) -> Finding:
    """The streams; `age` is how old the event stream is, None when there is none."""
    name = words(mark("streams"))
    troubles = []
    if age is None:
        troubles.append(
            Trouble(
                words(mark("the event stream is gone; the services make it again within seconds")),
                ("sluss doctor",),
                "store-lost",
            )
        )
    for stream in streams:
        if stream.full > FULL and (stream.refuses_when_full or stream.name == EVENT_STREAM):
            what = words(
                mark("%(stream)s is at its limit and takes nothing more: %(bytes)s, %(messages)s messages"),
                stream=stream.name,
                bytes=size(stream.bytes),
                messages=stream.messages,
            )
            runbook = "disk-nearly-full" if stream.name == EVENT_STREAM else "flood"
            troubles.append(Trouble(what, ("sluss streams",), runbook))
        elif stream.messages > MANY and stream.name == ingress_stream(stream.organisation or "x"):
            what = words(
                mark("%(organisation)s has %(messages)s submissions waiting; the others are served in turn"),
                organisation=stream.organisation,
                messages=stream.messages,
            )
            troubles.append(Trouble(what, ("sluss streams",), "flood"))
        if stream.current < stream.replicas:
            what = words(
                mark("%(stream)s has %(current)s of %(replicas)s copies up to date"),
                stream=stream.name,
                current=stream.current,
                replicas=stream.replicas,
            )
            troubles.append(Trouble(what, ("sluss streams",), "broker-restarted"))
    state = words(
        mark("%(count)s streams, %(size)s; events since %(age)s"),
        count=len(streams),
        size=size(sum(stream.bytes for stream in streams)),
        age=lasting(age) if age is not None else "–",
    )
    if age is not None and age < FRESH:
        state = words(
            mark("%(count)s streams, %(size)s; the event stream was made %(age)s ago"),
            count=len(streams),
            size=size(sum(stream.bytes for stream in streams)),
            age=lasting(age),
        )
    return Finding("streams", name, state, tuple(troubles))
