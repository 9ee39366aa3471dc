"""The notify service: its registry with everything it does, and its couriers. Nothing connects at import."""

from __future__ import annotations

from services.notify import (
    answering,
    appointments,
    courses,
    due_dates,
    ending,
    handlers,
    notices,
    participation,
    projections,
    taking_back,
    told_referrers,
    whereabouts,
)
from services.notify.carrying import keep_carrying
from services.notify.channels import Channels, channels_from
from services.notify.feedback_courier import FeedbackCourier
from services.notify.fetching import FetchWatch, PartnerStreams
from services.notify.message_courier import MessageCourier
from services.notify.notice_courier import NoticeCourier
from services.notify.registry import service
from services.runtime.logging import logger
from services.runtime.running import Running

__all__ = [
    "answering",
    "appointments",
    "carry_feedback",
    "carry_messages",
    "carry_notices",
    "courses",
    "due_dates",
    "ending",
    "handlers",
    "notices",
    "participation",
    "projections",
    "service",
    "taking_back",
    "told_referrers",
    "watch_fetching",
    "whereabouts",
]


def _channels(running: Running) -> Channels:
    """Those the settings name; operators are told when nothing can go by one of them."""
    channels = channels_from(running.settings)
    running.health.care("channel", channels.complaint)
    return channels


async def carry_messages(running: Running) -> None:
    """Send what is queued for people, until the service stops."""
    channels = _channels(running)
    links = running.settings.notify_link_address
    sessions = running.settings.notify_session_address
    courier = MessageCourier(
        running.pool, running.network, running.clock, channels, links=links, sessions=sessions
    )
    await keep_carrying(courier.round, running.stop, logger(service.name))


async def carry_notices(running: Running) -> None:
    """Send what is queued for providers, until the service stops."""
    channels = _channels(running)
    courier = NoticeCourier(running.pool, running.network, running.clock, channels)
    await keep_carrying(courier.round, running.stop, logger(service.name))


async def carry_feedback(running: Running) -> None:
    """Tell referrers what is due, until the service stops."""
    channels = _channels(running)
    courier = FeedbackCourier(running.pool, running.network, running.clock, channels)
    await keep_carrying(courier.round, running.stop, logger(service.name))


async def watch_fetching(running: Running) -> None:
    """Note what organisations have fetched, until the service stops."""
    streams = PartnerStreams(running.nats.jetstream())
    await FetchWatch(running.pool, running.clock, streams).run(running.stop)
