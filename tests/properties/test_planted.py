"""The sequences find mistakes: each that is planted is told of by a rule that is there for it."""

from __future__ import annotations

from random import Random

import pytest

from tests.properties.holds import Broken
from tests.properties.planted import PLANTED, Mistake
from tests.properties.walk import _WEIGHTED, Step, Walk

SEQUENCES = 300
"""The mistake must be seen within so many; most are within a handful."""


@pytest.mark.parametrize("mistake", PLANTED, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_found(mistake: Mistake) -> None:
    chance = Random(2)
    with mistake.planted():
        for _ in range(SEQUENCES):
            steps = [(chance.choice(_WEIGHTED), chance.getrandbits(32)) for _ in range(60)]
            if (found := _found_in(steps)) is not None:
                assert found.invariant in mistake.found_by, found
                return
    pytest.fail(f"{SEQUENCES} sequences did not see that {mistake.name.replace('_', ' ')}")


def _found_in(steps: list[Step]) -> Broken | None:
    try:
        Walk().take(steps)
    except Broken as broken:
        return broken
    return None
