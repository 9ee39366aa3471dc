"""A data folder that is not what it must be is told by name, with what helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluss.machine.errors import UnusableFolder
from sluss.machine.folder import DataFolder
from sluss.machine.network import Network


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    for path in (file, file / "below"):
        with pytest.raises(UnusableFolder, match=r"notes\.txt") as told:
            DataFolder(path).take()
        assert "--data-dir" in told.value.remedy
    assert file.read_text() == "mine"


def test_damaged_secrets_are_told_and_not_made_anew(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.take()
    secrets = folder.keys / "secrets.json"
    secrets.write_text("{half")
    with pytest.raises(UnusableFolder, match=r"secrets\.json is damaged") as told:
        folder.secrets(("referral",))
    assert "backup" in told.value.remedy
    assert secrets.read_text() == "{half"


async def test_something_else_in_the_place_of_the_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("mine")
    network = Network(tmp_path, services={})
    with pytest.raises(UnusableFolder, match="postgres"):
        await network.start()
    assert not network.broker.alive
    assert (tmp_path / "postgres").read_text() == "mine"
