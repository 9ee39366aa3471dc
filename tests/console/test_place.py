"""A command is told as it is typed where the network runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.console.standing.place import Containers, OneMachine, place_of, steps_at

HERE = OneMachine(Path("/srv/sluss/logs"))
THERE = Containers()


@pytest.mark.parametrize(
    ("command", "here", "there"),
    [
        (
            "tail .sluss/logs/notify.log",
            "tail /srv/sluss/logs/notify.log",
            "docker compose logs --tail 20 notify",
        ),
        (
            "tail .sluss/logs/nats.log",
            "tail /srv/sluss/logs/nats.log",
            "docker compose logs --tail 20 nats-1 nats-2 nats-3",
        ),
        (
            "sluss loops --kind offer",
            "sluss loops --kind offer",
            "docker compose run --rm operator loops --kind offer",
        ),
        ("df -h", "df -h", "df -h"),
    ],
)
def test_a_log_is_a_file_on_one_machine_and_no_file_on_containers(
    command: str, here: str, there: str
) -> None:
    assert (HERE.typed(command), THERE.typed(command)) == (here, there)


def test_a_folder_with_a_blank_in_its_name_can_be_typed() -> None:
    here = OneMachine(Path("/home/Jo Viklund/.sluss/logs"))
    assert here.typed("tail .sluss/logs/front.log") == "tail '/home/Jo Viklund/.sluss/logs/front.log'"


def test_where_no_folder_holds_logs_it_is_containers() -> None:
    assert place_of(Path("/srv/sluss/logs")) == HERE
    assert place_of(None) == THERE


def test_the_steps_of_a_page_are_typed_there_and_what_they_say_stays() -> None:
    page = "If `sluss doctor` is silent:\n```\n$ tail .sluss/logs/front.log\nsluss is ready\n```\n"
    assert steps_at(THERE, page) == page.replace(
        "tail .sluss/logs/front.log", "docker compose logs --tail 20 front"
    )
