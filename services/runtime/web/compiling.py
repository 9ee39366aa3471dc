"""Templates are compiled once in a process, though each site has environments of its own."""

from __future__ import annotations

from functools import cache
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledOnce(BytecodeCache):
    """Keeps in memory what templates were compiled to, by place and content.

    For environments that are configured alike. Texts and globals may differ, since they are looked up when a
    template is rendered; filters may not, since what they make of a constant is compiled in.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """As jinja2 asks."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """As jinja2 asks."""
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code


@cache
def compiled_in(language: str) -> CompiledOnce:
    """What was compiled for pages in this language, whose filters speak it."""
    return CompiledOnce()
