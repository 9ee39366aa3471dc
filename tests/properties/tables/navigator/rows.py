"""What a read answers with."""

from __future__ import annotations

from typing import Any

from tests.properties.paper.tx import PaperTx

Rows = list[dict[str, Any]]


def nobody(tx: PaperTx, **_: Any) -> Rows:
    return []
