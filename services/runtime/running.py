"""What a running service is made of: handed to its background tasks and its pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncpg
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from services.runtime.broker import Broker
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.service import Service
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Running:
    """One service in one process, connected."""

    service: Service
    settings: Settings
    clock: Clock
    broker: Broker
    """FastStream's broker: add subscribers through a router of `broker.make_router` only."""
    nats: Client
    """The connection the broker holds, for what needs nats-py itself."""
    pool: asyncpg.Pool
    """Connections that may write, in the service's schema."""
    engine: AsyncEngine
    """For pages: read-only, in the service's schema."""
    network: Network
    health: Health
    stop: asyncio.Event
    """Set when the process should end: finish what is started, begin nothing new, return."""
