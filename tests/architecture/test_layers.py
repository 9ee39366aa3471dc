"""Who may import whom, and that each rule catches a planted violation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.architecture.conftest import CHECKOUT, Lint

LAYERS = "Contracts know nobody; the runtime knows contracts; services know the runtime; only the front door"
PYDANTIC_ALONE = "The published language needs pydantic alone"
PURE_DOMAIN = "The domain touches no database, no bus and no page"
NO_PLUMBING = "The domain knows decisions, and nothing else of the runtime"
BLIND_GATE = "The compatibility gate imports nothing it judges"

PLANTED = {
    "contracts import the runtime": ("sluss_contracts/case.py", "services.runtime.clock", LAYERS),
    "contracts import the front door": ("sluss_contracts/event.py", "sluss.cli", LAYERS),
    "the runtime imports a service": ("services/runtime/network.py", "services.referral.registry", LAYERS),
    "the runtime imports the front door": ("services/runtime/clock.py", "sluss.machine", LAYERS),
    "a service imports another": ("services/navigator/handlers.py", "services.provider.registry", LAYERS),
    "a service's pages import another's": (
        "services/notify/projections.py",
        "services.navigator.web",
        LAYERS,
    ),
    "a service imports the front door": ("services/notify/handlers.py", "sluss.machine", LAYERS),
    "contracts import a bus": ("sluss_contracts/subjects.py", "nats", PYDANTIC_ALONE),
    "contracts import a database": ("sluss_contracts/commands/notify.py", "sqlalchemy", PYDANTIC_ALONE),
    "contracts import a faster JSON": ("sluss_contracts/event.py", "orjson", PYDANTIC_ALONE),
    "a domain imports a database": ("services/referral/domain/referral.py", "asyncpg", PURE_DOMAIN),
    "a domain imports a bus": ("services/provider/domain/enrolment.py", "nats.aio.client", PURE_DOMAIN),
    "a domain imports a page": ("services/navigator/domain/case.py", "fastapi", PURE_DOMAIN),
    "a domain imports a clock": ("services/notify/domain/deadline.py", "services.runtime.clock", NO_PLUMBING),
    "a domain imports plumbing": (
        "services/navigator/domain/task.py",
        "services.runtime.engine",
        NO_PLUMBING,
    ),
    "the gate imports the contracts": ("sluss/compatibility/rules.py", "sluss_contracts.event", BLIND_GATE),
}


@contextmanager
def planted(file: Path, module: str) -> Iterator[None]:
    """The import stands in the file for the length of the block."""
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n\nimport {module}\n", encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def test_the_tree_keeps_its_own_rules(lint: Lint) -> None:
    result = lint()
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_caught(violation: str, tree: Path, lint: Lint) -> None:
    file, module, rule = PLANTED[violation]
    with planted(tree / file, module):
        result = lint()
    assert result.returncode != 0
    broken = [line for line in result.stdout.splitlines() if " BROKEN" in line]
    assert [line for line in broken if line.startswith(rule)], result.stdout


def test_every_rule_has_a_planted_violation() -> None:
    config = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    rules = [contract["name"] for contract in config["tool"]["importlinter"]["contracts"]]
    proven = {rule for _, _, rule in PLANTED.values()}
    assert all(any(rule.startswith(name) for name in proven) for rule in rules)
    assert len(rules) == len(proven)


def test_every_service_stands_in_the_rules() -> None:
    config = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    for folder in (CHECKOUT / "services").iterdir():
        if (folder / "__init__.py").exists() and folder.name != "runtime":
            assert f"services.{folder.name} " in config or f'services.{folder.name}"' in config, folder.name
            if (folder / "domain").is_dir():
                assert config.count(f'"services.{folder.name}.domain"') == 2, folder.name
