"""The navigator's tables on paper: teams and link workers, who has how many cases, providers' answers."""

from __future__ import annotations

from typing import Any

from tests.properties.tables.navigator import offers, staff

LOOKUPS = (*staff.LOOKUPS, *offers.LOOKUPS)
READS = staff.READS | offers.READS
WRITES: dict[str, Any] = {}
REAL = ("whoever_would_have_come",)
LEFT_OUT = ("follow", "learn_names")  # the board, which nothing decides by
