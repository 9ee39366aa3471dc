"""What became of the messages to people: written, sent, held back."""

from __future__ import annotations

from services.notify.channels import Channels, Folder
from services.notify.message_courier import MessageCourier
from sluss_contracts.message import MessageQueued, MessageSuppressed
from sluss_contracts.vocabulary import MessageTemplate
from tests.notify.conftest import Post, Vault
from tests.support.desk import Desk


async def carry(here: Desk, vault: Vault, post: Post) -> list[str]:
    """Send what may go, and how each went: the second line of a letter."""
    courier = MessageCourier(here.pool, vault, here.clock, Channels([Folder(post.folder)]))
    await courier.round()
    return [letter.splitlines()[1].removeprefix("By: ") for letter in post.letters]


async def held_back(here: Desk) -> dict[MessageTemplate, str]:
    return {fact.template: fact.why for fact in await here.said(MessageSuppressed)}


async def written(here: Desk) -> list[MessageTemplate]:
    return [fact.template for fact in await here.said(MessageQueued)]
