"""A copy of the tree's sources to plant violations in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

Lint = Callable[[], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python sources and the import rules, and nothing else."""
    root = tmp_path_factory.mktemp("tree")
    only_python = shutil.ignore_patterns("__pycache__", "*.html", "*.css", "*.js", "*.po", "*.mo")
    for package in ("contracts/sluss_contracts", "services", "sluss"):
        shutil.copytree(CHECKOUT / package, root / Path(package).name, ignore=only_python)
    shutil.copy(CHECKOUT / "pyproject.toml", root)
    return root


@pytest.fixture
def lint(tree: Path) -> Lint:
    """Runs import-linter on the copy, never on the checkout it was copied from."""

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "500"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
