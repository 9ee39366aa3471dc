"""`sluss instrument`: a pack is checked where it is written, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluss.commands.instrument import NotSound, check, list_instruments, show
from sluss.reach import Failure
from sluss_contracts.instruments.shelf import ScoringDiffers

CHECKOUT = Path(__file__).resolve().parents[2]
PACKS = CHECKOUT / "contracts" / "sluss_contracts" / "instruments" / "packs"


def example() -> str:
    """The pack the guide shows, as it stands there."""
    guide = (CHECKOUT / "docs" / "instruments" / "README.md").read_text(encoding="utf-8")
    return guide.partition("```toml\n")[2].partition("```")[0]


def test_the_pack_in_the_guide_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "trivsel.toml"
    file.write_text(example(), encoding="utf-8")
    check(file)
    assert "trivsel.toml is a sound pack: trivsel version 1" in capsys.readouterr().out
    show(str(file))
    assert "Trivs du där du bor?" in capsys.readouterr().out


def test_a_mistake_is_told_with_file_line_field_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "trivsel.toml"
    file.write_text(example().replace('better = "higher"', 'better = "up"'), encoding="utf-8")
    with pytest.raises(NotSound, match=r"trivsel\.toml:\d+: scales\.0\.better: Use one of"):
        check(file)
    with pytest.raises(Failure, match="cannot be read"):
        check(tmp_path / "nowhere.toml")


def test_what_is_shipped_is_not_replaced_by_something_that_scores_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "ucla-3.toml"
    shipped = (PACKS / "ucla-3.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace('better = "lower"', 'better = "higher"'), encoding="utf-8")
    with pytest.raises(ScoringDiffers, match="publish this one as version 2"):
        check(file)


def test_every_shipped_instrument_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    list_instruments()
    said = capsys.readouterr().out
    assert all(pack.stem in said for pack in PACKS.iterdir())
