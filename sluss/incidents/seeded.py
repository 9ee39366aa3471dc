"""The ten incidents, as `sluss incident list` shows them. Each has a page in docs/operators/incidents."""

from __future__ import annotations

from sluss.incidents import broker, messages, processes
from sluss.incidents.incident import Incident

INCIDENTS = {
    each.name: each
    for each in (
        Incident(
            "wrong-version",
            "an organisation sends a version of its submissions that nobody reads",
            messages.send_unknown_version,
            messages.nothing_to_take_back,
        ),
        Incident(
            "provider-silent",
            "no provider answers what it is offered",
            processes.freeze_people,
            processes.thaw,
        ),
        Incident(
            "poison-message",
            "bytes that are no event are on the bus",
            messages.poison,
            messages.clean_up,
        ),
        Incident(
            "broker-restarted",
            "the broker ends and is started again",
            broker.restart,
            broker.heals_by_itself,
        ),
        Incident(
            "store-lost",
            "everything the broker keeps is deleted while it works",
            broker.lose_store,
            broker.heals_by_itself,
        ),
        Incident(
            "consumer-stalled",
            "the navigator stands still, and holds what it holds",
            processes.freeze_navigator,
            processes.thaw,
        ),
        Incident(
            "clock-off",
            "the clock of notify is ahead of everybody else's",
            processes.shift_clock,
            processes.set_clock_right,
        ),
        Incident(
            "disk-nearly-full",
            "the event stream takes nothing more, as on a full disk",
            broker.fill_up,
            broker.make_room,
        ),
        Incident(
            "flood",
            "an organisation's program sends the same mistake 1,500 times",
            messages.flood,
            messages.nothing_to_take_back,
        ),
        Incident(
            "channel-down",
            "no message to anybody can go",
            messages.close_channel,
            messages.open_channel,
        ),
    )
}
