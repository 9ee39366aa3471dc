"""What may follow what: a table that decides, and that diagrams are drawn from."""

from __future__ import annotations

from enum import StrEnum

import pytest

from services.runtime.lifecycle import Lifecycle, OutOfOrder, born, move
from sluss.lifecycles.pages import diagrams
from sluss_contracts import case, task
from sluss_contracts.event import Fact


class _Light(StrEnum):
    GREEN = "green"
    RED = "red"


_LIFE = Lifecycle(
    "light",
    {
        task.TaskOpened: born(_Light.GREEN),
        task.TaskDone: move(_Light.GREEN, to=_Light.RED),
        task.TaskReassigned: move(_Light.GREEN),
    },
    _Light,
)


def test_what_is_in_the_table_may_be_said_and_nothing_else() -> None:
    assert _LIFE.after(None, task.TaskOpened) is _Light.GREEN
    assert _LIFE.after(_Light.GREEN, task.TaskReassigned) is _Light.GREEN
    assert _LIFE.after(_Light.GREEN, task.TaskDone) is _Light.RED
    wrong: list[tuple[_Light | None, type[Fact]]] = [
        (None, task.TaskDone),
        (_Light.RED, task.TaskDone),
        (_Light.GREEN, task.TaskOpened),
    ]
    for status, fact in wrong:
        with pytest.raises(OutOfOrder, match=fact.__name__):
            _LIFE.after(status, fact)
    stranger: type[Fact] = case.CaseClosed
    assert not _LIFE.allows(_Light.GREEN, stranger)
    assert list(_LIFE.last()) == [_Light.RED]


def test_a_diagram_shows_each_arrow_and_what_changes_nothing() -> None:
    drawn = diagrams({"light": _LIFE})
    assert "    [*] --> green: task.opened" in drawn
    assert "    green --> red: task.done" in drawn
    assert "    red --> [*]" in drawn
    assert "| `task.reassigned` | green |" in drawn
