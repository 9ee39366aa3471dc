"""The path that every contender is measured on: one referral, six consumed messages, four services.

Each hop reads a message, changes the referral's state and says the next; durable contenders do all three
and remember what they have read in one transaction.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

HOPS: tuple[tuple[str, str, str], ...] = (
    ("requested", "referral", "submitted"),
    ("submitted", "navigator", "assigned"),
    ("assigned", "provider", "booked"),
    ("booked", "provider", "attended"),
    ("attended", "notify", "closed"),
    ("closed", "referral", "finished"),
)
"""What is read, by whom, and what is said then. `finished` is only watched for, by the driver."""

SERVICES = ("referral", "navigator", "provider", "notify")


def payload(referral: str) -> dict[str, Any]:
    """About as much as a real event carries (700 bytes)."""
    return {
        "referral_id": referral,
        "person": str(uuid4()),
        "organisation": "vc-strommen",
        "area": "norrkoping-centrum",
        "language": "sv",
        "needs": ["company", "physical_activity"],
        "due": date(2026, 12, 1).isoformat(),
        "note": "n" * 300,
    }
