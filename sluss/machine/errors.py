"""What can go wrong on the single machine, said so that the reader knows what to do."""

from __future__ import annotations

from pathlib import Path


class MachineError(Exception):
    """Something on this machine keeps the network from running. `remedy` says what helps."""

    code = "machine"

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy


class WouldNotStart(MachineError):
    """A server or a service ended, or stayed silent, before it was ready."""

    code = "would_not_start"


class DataInUse(MachineError):
    """Another running network owns this data folder."""

    code = "data_in_use"


class UnusableFolder(MachineError):
    """The data folder, or something in it, is not what it must be."""

    code = "unusable_folder"

    @classmethod
    def because(cls, error: OSError, path: Path) -> UnusableFolder:
        """As the operating system says it."""
        return cls(
            f"{error.filename or path} cannot be used: {(error.strerror or str(error)).lower()}",
            remedy="choose another folder with --data-dir, on a local disk that you may write to",
        )


class MissingProgram(MachineError):
    """A program that the environment should carry is not there."""

    code = "missing_program"
