"""What stands in for the services' tables: one small function for each lookup, named after it.

Each answers from what the service has said (`desk.said`, its aggregates) and heard (`desk.heard_of`), which
is what the real tables are written from. A lookup that is not here fails a test.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.properties.paper.tx import Answers
from tests.properties.tables import navigator, notify, provider, referral, shared

_OF = {"referral": referral, "navigator": navigator, "provider": provider, "notify": notify}


def _lookups(service: str, module: ModuleType) -> dict[str, Callable[..., Any]]:
    return {f"{service}.{each.__name__}": each for each in module.LOOKUPS}


ANSWERS = Answers(
    lookups={
        name: each for service, module in _OF.items() for name, each in _lookups(service, module).items()
    },
    reads={text: each for module in (shared, *_OF.values()) for text, each in module.READS.items()},
    writes={text: each for module in (shared, *_OF.values()) for text, each in module.WRITES.items()},
    real=frozenset(f"{name}.{each}" for name, module in _OF.items() for each in module.REAL),
    left_out=frozenset(f"{name}.{each}" for name, module in _OF.items() for each in module.LEFT_OUT),
)
