"""A deployment as `sluss deploy prepare` makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluss.deploy.preparing import prepare


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    prepare(tmp_path / "deployment")
    return tmp_path / "deployment"
