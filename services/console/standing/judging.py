"""What is wrong, said in words with the next command: from how things stand to findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from services.console.loops.kinds import Kind, Voice
from services.console.loops.looking import Open, Silent
from services.console.standing.backlog import Backlog
from services.console.standing.clocks import Clock
from services.console.standing.database import CROWDED, LONG, Database
from services.console.standing.finding import Finding, Trouble, Words, words
from services.console.standing.partners import Refusals
from services.console.standing.place import LOGS
from services.console.standing.readers import Reader
from services.runtime.languages import mark

UNSENT_TOO_LONG: Final = timedelta(seconds=15)
FROZEN: Final = timedelta(seconds=15)
"""A process beats twice a second; one that starts again does so within this."""
MANY: Final = 100
"""Refusals of one organisation that are no slip of its people any longer, but of a program."""
_GIB: Final = 1 << 30
_UNITS: Final = (("d", 86_400, 3600, "h"), ("h", 3600, 60, "min"), ("min", 60, 1, "s"))


def of_reader(reader: Reader) -> Finding:
    """A service as a reader of the others."""
    name = words(mark("what %(service)s reads"), service=reader.service)
    state = words(
        mark("events behind: %(events)s, the oldest waits %(lag)s"),
        events=reader.events,
        lag=lasting(reader.lag),
    )
    if not reader.events:
        state = words(mark("nothing waits"))
    troubles = []
    if reader.silence is not None and reader.silence > FROZEN:
        troubles.append(
            Trouble(
                words(
                    mark(
                        "no process of %(service)s has given a sign for %(silence)s: frozen, gone or cut off"
                    ),
                    service=reader.service,
                    silence=lasting(reader.silence),
                ),
                ("sluss doctor", f"{LOGS}{reader.service}.log"),
                "consumer-stalled",
            )
        )
    elif reader.stalled:
        troubles.append(
            Trouble(
                words(
                    mark("%(service)s does not take what there is for it, since %(lag)s"),
                    service=reader.service,
                    lag=lasting(reader.lag),
                ),
                ("sluss streams", f"{LOGS}{reader.service}.log"),
                "consumer-stalled",
            )
        )
    return Finding(reader.service, name, state, tuple(troubles))


def of_backlog(backlog: Backlog, *, silent: bool = False) -> Finding:
    """What a service holds that has not gone on; one that gives no sign publishes nothing, of course."""
    state = words(
        mark("%(unsent)s unpublished, %(parked)s parked, %(dead)s dead letters"),
        unsent=backlog.unsent + backlog.unsent_to_partners,
        parked=backlog.parked,
        dead=backlog.dead,
    )
    name = words(mark("%(service)s's backlog"), service=backlog.service)
    return Finding(backlog.service, name, state, tuple(_held_up(backlog, silent)))


def _held_up(backlog: Backlog, silent: bool) -> Iterable[Trouble]:
    if backlog.waited > UNSENT_TOO_LONG and not silent:
        what = words(
            mark("the oldest unpublished event waits %(waited)s: the event stream takes nothing"),
            waited=lasting(backlog.waited),
        )
        yield Trouble(what, ("sluss streams",), "disk-nearly-full")
    if backlog.partners and not silent:
        what = words(
            mark("nothing reaches the post of %(organisations)s: is its stream there, or full?"),
            organisations=", ".join(backlog.partners),
        )
        yield Trouble(what, ("sluss streams", "sluss partner list"))
    if backlog.dead:
        causes = ", ".join(f"{code} ({count})" for code, count in backlog.causes)
        what = words(mark("dead letters: %(causes)s"), causes=causes)
        yield Trouble(what, ("sluss deadletters list",), "poison-message")
    if backlog.stuck:
        named = "; ".join(f"{key}: {reason}" for key, reason in backlog.stuck)
        what = words(
            mark("%(count)s parked events fail again and again: %(named)s"),
            count=backlog.stuck_count,
            named=named,
        )
        yield Trouble(what, (f"sluss story {backlog.stuck[0][0]}",))
    if backlog.failing:
        what = words(mark("%(count)s due dates cannot be acted upon"), count=backlog.failing)
        yield Trouble(what, (f"{LOGS}{backlog.service}.log",))


def of_clocks(clocks: Sequence[Clock], speed: float) -> Finding:
    """Whether services agree on the time."""
    name = words(mark("clocks"))
    off = [clock for clock in clocks if clock.off]
    if not off:
        return Finding("clocks", name, words(mark("the services agree on the time")))
    troubles = []
    for clock in off:
        # A wall clock that is wrong makes the network's wrong as well.
        wall = abs(clock.wall) > abs(clock.network) / max(1.0, speed) / 2
        by = clock.wall if wall else clock.network
        what = words(
            mark("%(service)s's clock is %(by)s ahead of the others"),
            service=clock.service,
            by=lasting(by),
        )
        if by < timedelta():
            what = words(
                mark("%(service)s's clock is %(by)s behind the others"),
                service=clock.service,
                by=lasting(-by),
            )
        troubles.append(Trouble(what, ("timedatectl status", "sluss doctor"), "clock-off"))
    state = words(mark("services that have another time: %(count)s"), count=len(off))
    return Finding("clocks", name, state, tuple(troubles))


def of_database(database: Database) -> Finding:
    """The database itself."""
    state = words(
        mark("answers, %(connections)s of %(limit)s connections, %(size)s, up %(up)s"),
        connections=database.connections,
        limit=database.limit,
        size=size(database.bytes),
        up=lasting(database.up),
    )
    troubles = []
    if not database.safe:
        troubles.append(
            Trouble(words(mark("it may lose what is committed: set fsync and full_page_writes to on")))
        )
    if database.connections > CROWDED * database.limit:
        troubles.append(Trouble(words(mark("it has hardly any connections left"))))
    if database.longest > LONG:
        what = words(
            mark("a transaction is open for %(longest)s, and %(waiting)s sessions wait for locks"),
            longest=lasting(database.longest),
            waiting=database.waiting,
        )
        troubles.append(Trouble(what, ("select * from pg_stat_activity order by xact_start",)))
    return Finding("database", words(mark("database")), state, tuple(troubles))


WAITS: Final = {
    Kind.FEEDBACK: mark("feedback to referrers"),
    Kind.OFFER: mark("offers to providers"),
    Kind.MESSAGE: mark("messages to people"),
    Kind.NOTICE: mark("messages to providers"),
}
_LATE: Final = {
    Kind.FEEDBACK: mark("%(count)s referrers were not told by the date promised: %(whose)s"),
    Kind.OFFER: mark("%(count)s offers are not answered by their date: %(whose)s"),
    Kind.MESSAGE: mark("%(count)s messages have not gone within their hour: is the channel up?"),
    Kind.NOTICE: mark("%(count)s messages to providers have not gone: is the channel up?"),
}
_RUNBOOKS: Final = {
    Kind.OFFER: "provider-silent",
    Kind.MESSAGE: "channel-down",
    Kind.NOTICE: "channel-down",
}


def of_loops(loops: Open) -> Finding:
    """One kind of open loop."""
    state = words(mark("%(open)s open, %(overdue)s of them overdue"), open=loops.open, overdue=loops.overdue)
    name = words(WAITS[loops.kind])
    if not loops.overdue:
        return Finding("loops", name, state)
    whose = ", ".join(f"{each} ({count})" for each, count in loops.whose)
    what = words(_LATE[loops.kind], count=loops.overdue, whose=whose)
    do = (f"sluss loops --kind {loops.kind}",)
    return Finding("loops", name, state, (Trouble(what, do, _RUNBOOKS.get(loops.kind, "")),))


def of_offers(found: Sequence[tuple[str, int]]) -> Finding:
    """Providers that let offers run out."""
    name = words(mark("offers that ran out"))
    if not found:
        return Finding("loops", name, words(mark("none within a quarter of an hour")))
    whose = ", ".join(f"{provider} ({count})" for provider, count in found)
    state = words(mark("%(count)s within a quarter of an hour"), count=sum(count for _, count in found))
    what = words(mark("offers ran out unanswered: %(whose)s"), whose=whose)
    return Finding("loops", name, state, (Trouble(what, ("sluss loops",), "provider-silent"),))


_SILENT: Final = {
    Voice.REFERRALS: mark("%(whose)s has not referred anybody since %(since)s; usually %(usually)s pass"),
    Voice.ANSWERS: mark("%(whose)s has answered nothing since %(since)s; usually %(usually)s pass"),
}


def of_silence(found: Sequence[Silent]) -> Finding:
    """Who has fallen silent. That is for somebody to know, and no fault: a summer has such weeks."""
    name = words(mark("usual pace"))
    if not found:
        return Finding("silence", name, words(mark("nobody is silent for longer than usual")))
    whose = ", ".join(sorted({each.whose for each in found})[:5])
    state = words(
        mark("silent for longer than usual (%(count)s): %(whose)s; see `sluss loops`"),
        count=len(found),
        whose=whose,
    )
    return Finding("silence", name, state)


def silence(one: Silent) -> Words:
    """One of them, in a sentence."""
    since = f"{one.since:%Y-%m-%d}"
    return words(_SILENT[one.voice], whose=one.whose, since=since, usually=lasting(one.usually))


def of_refusals(found: Sequence[Refusals]) -> Finding:
    """Organisations that are refused again and again."""
    name = words(mark("submissions"))
    if not found:
        return Finding("submissions", name, words(mark("nobody is refused again and again")))
    troubles = tuple(
        Trouble(
            words(
                mark("%(organisation)s was refused %(count)s times within a quarter of an hour: %(code)s"),
                organisation=each.organisation,
                count=each.count,
                code=each.code,
            ),
            ("sluss partner list",),
            "wrong-version" if each.code.startswith("unknown_") else "flood" if each.count > MANY else "",
        )
        for each in found
    )
    return Finding("submissions", name, words(mark("some are refused again and again")), troubles)


def lasting(duration: timedelta) -> str:
    """A duration in its two largest units, without words: `3 d 4 h`, `12 min`, `9 s`."""
    seconds = max(0, round(duration.total_seconds()))
    for unit, length, below, smaller in (
        ("d", 86_400, 3600, "h"),
        ("h", 3600, 60, "min"),
        ("min", 60, 1, "s"),
    ):
        if seconds >= length:
            rest = seconds % length // below
            return f"{seconds // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"


def size(bytes_: int) -> str:
    """Bytes as somebody would say them: `12 MiB`."""
    for unit, length in (("GiB", _GIB), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if bytes_ >= length:
            return f"{bytes_ / length:.1f} {unit}" if bytes_ < 10 * length else f"{bytes_ // length} {unit}"
    return f"{bytes_} B"
