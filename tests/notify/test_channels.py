"""The ways out: a folder of files, and real channels through apprise (here: an HTTP receiver of our own)."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.notify.channels import (
    Address,
    Apprise,
    ChannelRefuses,
    Channels,
    Folder,
    NotTaken,
    Way,
    channels_from,
)
from services.notify.letters import Letter
from services.runtime.settings import MisconfiguredService, Settings

LETTER = Letter("sv", "Jag hör av mig", "Hej Alva!\n\nJag hör av mig.")


@dataclass
class Gateway:
    """A text-message gateway on this machine."""

    address: str = ""
    answers: int = 200
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append((self.path, json.loads(body)))
            self.send_response(made.answers)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.address = f"json://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


async def test_a_text_message_goes_to_the_number_in_international_form(gateway: Gateway) -> None:
    await Apprise(f"{gateway.address}/to/{{phone}}").send("m1", Address(Way.SMS, "070-174 06 00"), LETTER)
    ((path, sent),) = gateway.got
    assert path == "/to/+46701740600"
    assert sent["message"] == LETTER.body
    assert sent["title"] == "", "a text message has no subject"


async def test_an_e_mail_has_a_subject(gateway: Gateway) -> None:
    await Apprise(f"{gateway.address}/{{email}}").send("m1", Address(Way.EMAIL, "alva+x@example.org"), LETTER)
    ((path, sent),) = gateway.got
    assert path.startswith("/alva")
    assert (sent["title"], sent["message"]) == (LETTER.subject, LETTER.body)


async def test_an_inbox_is_reached_by_whatever_takes_messages_for_it(gateway: Gateway) -> None:
    await Apprise(f"{gateway.address}/for/{{inbox}}").send("m1", Address(Way.INBOX, "a/b?c 17"), LETTER)
    ((path, sent),) = gateway.got
    assert path.startswith("/for/")
    assert path.count("/") == 2, "an id stays one part of the address"
    assert (sent["title"], sent["message"]) == (LETTER.subject, LETTER.body)


async def test_a_gateway_that_does_not_say_yes_has_refused(gateway: Gateway) -> None:
    gateway.answers = 500
    channel, to = Apprise(f"{gateway.address}/{{phone}}"), Address(Way.SMS, "070-174 06 00")
    for _ in range(3):
        assert channel.complaint() is None  # one may be a wrong number
        with pytest.raises(ChannelRefuses):
            await channel.send("m1", to, LETTER)
    assert "the last 3 messages by sms were not confirmed" in (Channels([channel]).complaint() or "")
    gateway.answers = 200
    await channel.send("m1", to, LETTER)
    assert channel.complaint() is None


@pytest.mark.parametrize("number", ["", "ring inte", "12"])
async def test_a_number_nobody_can_read_is_not_dialled(gateway: Gateway, number: str) -> None:
    with pytest.raises(ChannelRefuses):
        await Apprise(f"{gateway.address}/{{phone}}").send("m1", Address(Way.SMS, number), LETTER)
    assert gateway.got == []


@pytest.mark.parametrize(
    "template", ["mailto://user:secret@example.org", "json://x/{phone}/{email}", "json://x/{name}"]
)
def test_a_channel_that_does_not_say_where_the_receiver_goes_is_refused_without_telling_its_secret(
    template: str,
) -> None:
    with pytest.raises(MisconfiguredService) as refused:
        Apprise(template)
    assert "secret" not in str(refused.value)


def test_apprise_is_not_loaded_before_it_is_needed() -> None:
    before = "apprise" in sys.modules
    Apprise("json://127.0.0.1/{phone}")
    assert ("apprise" in sys.modules) is before


def settings(**given: Any) -> Settings:
    return Settings(
        database_url=SecretStr("postgresql://notify@localhost/x"),
        nats_url="nats://localhost",
        nats_monitor_url="http://localhost",
        **given,
    )


def test_real_channels_come_before_the_folder(tmp_path: Path) -> None:
    urls = SecretStr("json://a/{phone} json://b/{email} json://c/{inbox}")
    channels = channels_from(settings(notify_apprise_urls=urls, notify_channel_dir=tmp_path / "post"))
    phone, email, inbox, letter = (
        Address(Way.SMS, "1"),
        Address(Way.EMAIL, "a@b"),
        Address(Way.INBOX, "17"),
        Address(Way.LETTER, "Storgatan 1"),
    )
    chosen = [channels.for_one_of([each]) for each in (phone, email, inbox, letter)]
    assert [found[0].name for found in chosen if found] == ["sms", "email", "inbox", "folder"]
    assert channels.for_one_of([]) is None


def test_without_a_channel_nobody_is_reached() -> None:
    assert channels_from(settings()).for_one_of([Address(Way.SMS, "1")]) is None
    assert Channels([]).for_one_of([Address(Way.LETTER, "x")]) is None


def test_a_folder_that_cannot_be_is_a_setting_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MisconfiguredService):
        Folder(tmp_path / "file" / "post")


async def test_a_file_is_for_its_owner_only_and_two_sendings_would_be_two_files(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "post")
    for _ in range(2):
        await folder.send("m1", Address(Way.SMS, "1"), LETTER)
    files = list((tmp_path / "post").iterdir())
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


async def test_a_folder_that_has_gone_has_surely_taken_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "post")
    assert folder.complaint() is None
    (tmp_path / "post").rmdir()
    with pytest.raises(NotTaken):
        await folder.send("m1", Address(Way.SMS, "1"), LETTER)
    assert folder.complaint() == f"{tmp_path / 'post'} is no folder; make it one again"
