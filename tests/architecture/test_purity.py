"""The domain decides and does nothing else; the contracts load with pydantic and nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest

from tests.architecture.conftest import CHECKOUT

PARTS_OF_DECIDING = {"services.runtime.decision", "services.runtime.lifecycle"}
ALLOWED = {"sluss_contracts", "pydantic", "pydantic_core"}
IMPURE = {
    *("asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "pickle", "random", "secrets"),
    *(
        "shelve",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
    ),
    *("urllib", "uuid"),
}
"""Parts of the standard library that read the world: clocks, chance, files, networks, processes."""

CLOCKS = {"now", "utcnow", "today"}
DOMAINS = sorted(CHECKOUT.glob("services/*/domain/*.py"))


def impurities(source: str, service: str) -> Iterator[str]:
    """What a domain module must not do: import what it may not, or read a clock."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if not _may_import(alias.name, service):
                        yield f"imports {alias.name}"
            case ast.ImportFrom(module=str(module), level=0) if not _may_import(module, service):
                yield f"imports {module}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                yield f"reads a clock by {name}()"
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                yield f"calls {name}()"
            case ast.AsyncFunctionDef(name=name):
                yield f"waits in {name}()"


def _may_import(module: str, service: str) -> bool:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return top not in IMPURE
    if module in PARTS_OF_DECIDING or module.startswith(f"services.{service}.domain"):
        return True
    return top in ALLOWED


@pytest.mark.parametrize("path", DOMAINS, ids=lambda path: path.relative_to(CHECKOUT / "services").as_posix())
def test_a_domain_module_only_decides(path: Path) -> None:
    assert list(impurities(path.read_text(encoding="utf-8"), path.parts[-3])) == []


def test_every_service_has_a_domain() -> None:
    assert {path.parts[-3] for path in DOMAINS} == {"referral", "navigator", "provider", "notify"}


@pytest.mark.parametrize(
    "violation",
    [
        "import os",
        "import time",
        "import random",
        "from uuid import uuid4",
        "import requests",
        "from sqlalchemy import select",
        "from services.runtime.clock import Clock",
        "from services.provider.domain import places",
        "from services.navigator.store import cases",
        "when = datetime.now()",
        "day = date.today()",
        "file = open('x')",
        "print('x')",
        "async def decide(): ...",
    ],
)
def test_a_planted_impurity_is_caught(violation: str) -> None:
    assert len(list(impurities(violation, "navigator"))) == 1


@pytest.mark.parametrize(
    "honest",
    [
        "from datetime import datetime, timedelta",
        "from sluss_contracts.case import CaseQueued",
        "from services.runtime.decision import Refusal",
        "from services.navigator.domain.task import Agenda",
        "from pydantic import BaseModel",
    ],
)
def test_what_a_domain_may_do_is_let_through(honest: str) -> None:
    assert list(impurities(honest, "navigator")) == []


def loaded_by(program: str, *, without: tuple[str, ...] = ()) -> set[str]:
    """Names of the distributions' top modules that are loaded after running a program in a fresh Python."""
    block = f"sys.modules.update(dict.fromkeys({without!r}));"
    script = f"import sys;{block}{program};print(*{{name.partition('.')[0] for name in sys.modules}})"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return set(ran.stdout.split())


ALL_OF_IT = (
    "import pkgutil, importlib, sluss_contracts;"
    "[importlib.import_module(found.name) for found in"
    " pkgutil.walk_packages(sluss_contracts.__path__, 'sluss_contracts.')]"
)


def test_the_contracts_load_nothing_but_pydantic_and_what_it_needs() -> None:
    needed = {_module_of(name) for name in requires("pydantic") or () if "extra ==" not in name}
    loaded = {name for name in loaded_by(ALL_OF_IT) if not name.startswith("_")}
    assert loaded - set(sys.stdlib_module_names) <= {"sluss_contracts", "pydantic", *needed}


def _module_of(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert name
    return name[0].replace("-", "_")


def test_loading_the_contracts_runs_without_everything_else_we_use() -> None:
    absent = ("orjson", "nats", "sqlalchemy", "asyncpg", "yaml", "jsonschema", "structlog", "fastapi")
    assert "sluss_contracts" in loaded_by(ALL_OF_IT, without=absent)
    with pytest.raises(subprocess.CalledProcessError):
        loaded_by("import orjson", without=absent)
