"""The two streams every partner organisation has, and the one consumer it may read with."""

from __future__ import annotations

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from services.runtime.topology import declare_stream
from sluss_contracts.subjects import ingress_filter, ingress_stream, outgoing_filter, outgoing_stream

PARTNER_CONSUMER = "partner"
"""The durable consumer on `OUT_<org>` that the organisation pulls from and acknowledges to."""

_INGRESS_BYTES = 64 * 1024 * 1024
_INGRESS_MESSAGES = 100_000
_OUTGOING_BYTES = 256 * 1024 * 1024
_OUTGOING_AGE = 90 * 24 * 3600.0
_ACK_WAIT = 60.0


def ingress_config(organisation: str, *, replicas: int = 1) -> StreamConfig:
    """Submissions wait here until they are receipted and deleted.

    When it is full the organisation is told so at once and nobody else notices. A message may be as large
    as the server lets through (1 MiB): the ingress answers the merely large with a receipt. Schedules,
    time-to-live and rollup headers are refused by the server, since with them one message reaches others.
    The duplicate window is as short as the server allows: whether a resend is the same submission is judged
    by the ingress, on id and bytes, and each is answered.
    """
    return StreamConfig(
        name=ingress_stream(organisation),
        subjects=[ingress_filter(organisation)],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=_INGRESS_BYTES,
        max_msgs=_INGRESS_MESSAGES,
        duplicate_window=0.1,
        allow_rollup_hdrs=False,
        allow_msg_ttl=False,
        allow_msg_schedules=False,
        allow_atomic=False,
        allow_direct=False,
        num_replicas=replicas,
    )


def outgoing_config(organisation: str, *, replicas: int = 1) -> StreamConfig:
    """Receipts and feedback for one organisation, kept until it has had a season to fetch them."""
    return StreamConfig(
        name=outgoing_stream(organisation),
        subjects=[outgoing_filter(organisation)],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_bytes=_OUTGOING_BYTES,
        max_age=_OUTGOING_AGE,
        duplicate_window=120,
        allow_atomic=True,
        allow_rollup_hdrs=False,
        allow_msg_ttl=False,
        allow_msg_schedules=False,
        num_replicas=replicas,
    )


def partner_consumer(organisation: str) -> ConsumerConfig:
    """What the organisation has not acknowledged is delivered again after a minute, for ever."""
    return ConsumerConfig(
        durable_name=PARTNER_CONSUMER,
        description=f"what {organisation} has fetched",
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=_ACK_WAIT,
        max_deliver=-1,
        max_ack_pending=1000,
        filter_subject=outgoing_filter(organisation),
    )


async def declare_partner_streams(js: JetStreamContext, organisation: str, *, replicas: int = 1) -> None:
    """Creates or brings up to date both streams and the consumer. Running it again changes nothing.

    Never deletes: an ingress stream may hold what nobody has read yet.
    """
    for config in (
        ingress_config(organisation, replicas=replicas),
        outgoing_config(organisation, replicas=replicas),
    ):
        await declare_stream(js, config)
    await js.add_consumer(outgoing_stream(organisation), partner_consumer(organisation))
