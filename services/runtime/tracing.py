"""One trace for one step of a referral: from a page or a submission over the command and its events to
whatever other services do because of them, each a span.

The context of a trace travels as W3C `traceparent`: in the headers of commands, in the event table beside the
event (never in it: its bytes are its own), and from there in the headers on the bus. Nothing is recorded, and
nothing is carried, unless `SLUSS_OTLP_ENDPOINT` names a collector. Spans are named after routes, verbs and
event types; their attributes are ids that the bus carries anyway, never an address or a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from services.runtime.settings import Settings

__all__ = [
    "TRACEPARENT",
    "Span",
    "SpanKind",
    "Status",
    "StatusCode",
    "arrival",
    "begin",
    "current",
    "enabled",
    "end",
    "headers",
    "span",
    "use",
]

TRACEPARENT = "traceparent"
"""The header's name, and the column's."""
_W3C = TraceContextTextMapPropagator()
_NOTHING: AbstractContextManager[Span | None] = nullcontext()


class _Recording:
    """Who records in this process; nobody, unless a collector is named."""

    tracer: trace.Tracer | None = None
    provider: trace.TracerProvider | None = None


def begin(service: str, settings: Settings) -> None:
    """Send this process's spans to the collector that the settings name; without one, nothing."""
    if settings.otlp_endpoint is None:
        return
    # Takes 15 MiB: loaded where it is wanted.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    sent_along = settings.otlp_headers.get_secret_value() if settings.otlp_headers else ""
    named = dict(pair.split("=", 1) for pair in sent_along.split(",") if "=" in pair)
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces", headers=named)
    use(service, BatchSpanProcessor(exporter))


def use(service: str, processor: SpanProcessor) -> None:
    """Hand this process's spans to `processor` from now on."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(resource=Resource({"service.name": f"sluss-{service}"}), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    _Recording.provider, _Recording.tracer = provider, provider.get_tracer("sluss")


def end() -> None:
    """Send what is left, within seconds, and record no more. May wait: not for the event loop."""
    provider, _Recording.provider, _Recording.tracer = _Recording.provider, None, None
    if provider is not None:
        provider.shutdown()  # type: ignore[attr-defined] # of the SDK's, the only one `use` makes


def enabled() -> bool:
    """Whether anybody records."""
    return _Recording.tracer is not None


def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: str | None = None,
    about: Mapping[str, str] | None = None,
) -> AbstractContextManager[Span | None]:
    """A span around a block; None where nobody records.

    `parent` is a `traceparent` from outside ("" begins a trace of its own); None is whatever span is current.
    """
    if _Recording.tracer is None:
        return _NOTHING
    return _recorded(_Recording.tracer, name, kind, parent, about)


def arrival(name: str) -> AbstractContextManager[Span | None]:
    """A span that begins a trace: something has come from outside, whose own trace is not ours to join."""
    return span(name, kind=SpanKind.CONSUMER, parent="")


@contextmanager
def _recorded(
    tracer: trace.Tracer, name: str, kind: SpanKind, parent: str | None, about: Mapping[str, str] | None
) -> Iterator[Span]:
    context = None if parent is None else _W3C.extract({TRACEPARENT: parent}, Context())
    with tracer.start_as_current_span(
        name, context, kind, about, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            # Its type alone: messages repeat what somebody has written.
            begun.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def current() -> str:
    """The `traceparent` of the current span; empty where there is none."""
    return headers().get(TRACEPARENT, "") if _Recording.tracer is not None else ""


def headers() -> dict[str, str]:
    """What a message that leaves from here says of its trace; empty where nobody records."""
    said: dict[str, str] = {}
    if _Recording.tracer is not None:
        _W3C.inject(said)
    said.pop("tracestate", None)
    return said
