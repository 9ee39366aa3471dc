"""The programs of one network besides its servers, and how each is started: services, front, people."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from sluss.machine.folder import DataFolder
from sluss.machine.settings import ServiceSettings, environment
from sluss.machine.supervisor import Program

SERVICES: dict[str, Sequence[str]] = {
    name: (sys.executable, "-m", f"services.{name}")
    for name in ("referral", "navigator", "provider", "notify", "console")
}
"""Each service and how it is started."""


def service_programs(
    folder: DataFolder,
    settings: ServiceSettings,
    services: Mapping[str, Sequence[str]],
    replicas: Mapping[str, int],
) -> list[tuple[str, int, Program]]:
    """Service, number and program of each process; one of several is called `navigator-2`."""
    programs = []
    for name, command in services.items():
        count = replicas.get(name, 1)
        for replica in range(count):
            label = name if count == 1 else f"{name}-{replica + 1}"
            ready = folder.ready / f"{label}.json"
            log = folder.logs / f"{label}.log"
            orders = folder.orders(label) if settings.demo else None
            program = Program(label, command, settings.of(name, ready), log, ready, orders)
            programs.append((name, replica, program))
    return programs


def front_program(folder: DataFolder, port: int) -> Program:
    """The one address for people; it learns of the services from `run.json`."""
    ready = folder.ready / "front.json"
    command = [sys.executable, "-m", "sluss.front", "--run", str(folder.run_file)]
    command += ["--port", str(port), "--ready-file", str(ready)]
    return Program("front", command, environment(), folder.logs / "front.log", ready)


def people_program(folder: DataFolder) -> Program:
    """The simulated people of a demonstration."""
    command = [sys.executable, "-m", "sluss.people", str(folder.path)]
    return Program("people", command, environment(), folder.logs / "people.log")
