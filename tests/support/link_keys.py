"""Keys of links as an environment says them, for as long as a test needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.runtime.settings import PREFIX, link_settings


@contextmanager
def link_keys(**said: str) -> Iterator[None]:
    """What `LinkSettings` is told, by field: it holds inside, whatever was read before, and is forgotten
    after."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in said.items():
            patch.setenv(f"{PREFIX}{name}".upper(), value)
        link_settings.cache_clear()
        yield
    link_settings.cache_clear()
