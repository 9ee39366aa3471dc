"""Ways a message leaves the network. Each takes a message or says that it has not."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from services.notify.letters import Letter
from services.runtime.settings import MisconfiguredService, Settings


class Way(StrEnum):
    """How a person or an organisation is reached, the most discreet first."""

    INBOX = "inbox"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Address:
    """Where one message goes. Comes from the vault, lives as long as the sending, is written nowhere else."""

    way: Way
    to: str
    """What an inbox knows the person by, a phone number, an e-mail address, or the lines on an envelope."""


_IN_A_ROW = 3
"""Messages that a real channel has not confirmed, one after the other: no longer somebody's wrong number."""


class NotTaken(Exception):
    """The message has surely not gone and may be tried again: the disk is full, the service is down."""


class ChannelRefuses(Exception):
    """The channel will not take this message, now or later."""


class Channel(Protocol):
    """One way out. Anything but the two exceptions above leaves open whether the message went."""

    name: str
    """A code: `folder`, `sms`, `email`, `inbox`."""
    at_once: int
    """How many messages may be on their way out when a process dies, and so have to be asked about."""

    def reaches(self, way: Way) -> bool:
        """Whether it can carry this way."""

    async def send(self, message_id: str, address: Address, letter: Letter) -> None:
        """Send it, once. Raises `NotTaken`, `ChannelRefuses`."""

    def complaint(self) -> str | None:
        """Why nothing can go by it, as far as it knows at this moment; None while things go."""


class Folder:
    """A readable file for each message. For demonstrations, and for letters that somebody prints.

    The name has a random part: if anything were sent twice there would be two files, as in a letterbox.
    """

    name = "folder"
    at_once = 10

    def __init__(self, folder: Path) -> None:
        """Raises `MisconfiguredService` when the folder cannot be written to."""
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise MisconfiguredService(f"SLUSS_NOTIFY_CHANNEL_DIR: {error.strerror}") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise MisconfiguredService("SLUSS_NOTIFY_CHANNEL_DIR cannot be written to")

    def reaches(self, way: Way) -> bool:
        return True

    def complaint(self) -> str | None:
        if not self._folder.is_dir():
            return f"{self._folder} is no folder; make it one again"
        if not os.access(self._folder, os.W_OK | os.X_OK):
            return f"{self._folder} cannot be written to"
        return None

    async def send(self, message_id: str, address: Address, letter: Letter) -> None:
        text = (
            f"To: {_one_line(address.to)}\nBy: {address.way.value}\nLanguage: {letter.language}\n"
            f"Subject: {letter.subject}\nMessage: {message_id}\n\n{letter.body}\n"
        )
        await asyncio.to_thread(self._write, f"{message_id}.{secrets.token_hex(3)}", text)

    def _write(self, name: str, text: str) -> None:
        """All of it or nothing: the file has its name once its content is on disk."""
        half = self._folder / f".{name}.half"
        try:
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                half.unlink()
            raise NotTaken(f"the folder takes no file: {error.strerror}") from error
        os.rename(half, self._folder / f"{name}.txt")


class Apprise:
    """A real channel, one of the many that apprise knows. `{phone}`, `{email}` or `{inbox}` stands for the
    receiver. An inbox such as 1177's is reached by whatever takes messages for it, usually a webhook (`json://`).

    apprise takes tens of megabytes and is only loaded when the first message goes.
    """

    at_once = 1
    _REGION = "SE"

    def __init__(self, template: str) -> None:
        """Raises `MisconfiguredService`, without the address, which may hold a password."""
        match re.findall(r"\{(\w+)\}", template):
            case ["phone"]:
                self._way, self.name = Way.SMS, "sms"
            case ["email"]:
                self._way, self.name = Way.EMAIL, "email"
            case ["inbox"]:
                self._way, self.name = Way.INBOX, "inbox"
            case _:
                raise MisconfiguredService(
                    "SLUSS_NOTIFY_APPRISE_URLS: each address needs {phone}, {email} or {inbox} where the "
                    "receiver goes"
                )
        self._template = template
        self._unconfirmed = 0

    def reaches(self, way: Way) -> bool:
        return way is self._way

    def complaint(self) -> str | None:
        if self._unconfirmed < _IN_A_ROW:
            return None
        return f"the last {self._unconfirmed} messages by {self.name} were not confirmed: is the gateway up?"

    async def send(self, message_id: str, address: Address, letter: Letter) -> None:
        to = self._international(address.to) if self._way is Way.SMS else address.to.strip()
        kept = {Way.SMS: "+", Way.EMAIL: "@"}.get(self._way, "")
        url = re.sub(r"\{(phone|email|inbox)\}", quote(to, safe=kept), self._template)
        await asyncio.to_thread(self._notify, url, letter)

    def _notify(self, url: str, letter: Letter) -> None:
        apprise: Any = importlib.import_module("apprise")
        carrier = apprise.Apprise()
        if not carrier.add(url):
            raise ChannelRefuses("apprise does not understand the address")
        title = "" if self._way is Way.SMS else letter.subject
        if not carrier.notify(body=letter.body, title=title, body_format=apprise.NotifyFormat.TEXT):
            self._unconfirmed += 1
            raise ChannelRefuses("the channel did not confirm the message")
        self._unconfirmed = 0

    def _international(self, number: str) -> str:
        phonenumbers: Any = importlib.import_module("phonenumbers")
        try:
            parsed = phonenumbers.parse(number, self._REGION)
        except phonenumbers.NumberParseException as error:
            raise ChannelRefuses("the phone number cannot be read") from error
        if not phonenumbers.is_possible_number(parsed):
            raise ChannelRefuses("no phone number is like this one")
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


class Channels:
    """Every channel there is, real ones before the folder."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = tuple(channels)

    def for_one_of(self, addresses: Sequence[Address]) -> tuple[Channel, Address] | None:
        """The first address, in the order given, that some channel carries to."""
        for address in addresses:
            for channel in self._channels:
                if channel.reaches(address.way):
                    return channel, address
        return None

    def complaint(self) -> str | None:
        """What is the matter with the first channel by which nothing can go; None while all is well."""
        return next((why for channel in self._channels if (why := channel.complaint())), None)


def channels_from(settings: Settings) -> Channels:
    """The channels the settings name. Raises `MisconfiguredService`."""
    urls = settings.notify_apprise_urls.get_secret_value().split() if settings.notify_apprise_urls else []
    channels: list[Channel] = [Apprise(url) for url in urls]
    if settings.notify_channel_dir:
        channels.append(Folder(settings.notify_channel_dir))
    return Channels(channels)


def _one_line(text: str) -> str:
    return ", ".join(part.strip() for part in text.splitlines() if part.strip())
