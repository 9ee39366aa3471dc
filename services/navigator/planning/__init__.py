"""The work with one person as pages: what is found out, what is measured, what may suit, the plan and its
recept, help to get started, taking part, and how it went."""

from __future__ import annotations

from pathlib import Path

from services.navigator.desk.frame import Frame
from services.navigator.planning.asking import asking_pages
from services.navigator.planning.follow_up import follow_up_pages
from services.navigator.planning.instruments import instrument_pages
from services.navigator.planning.mapping import mapping_pages
from services.navigator.planning.matching import matching_pages
from services.navigator.planning.plan import plan_pages
from services.navigator.planning.reading import Reading
from services.navigator.planning.recept import recept_pages
from services.navigator.planning.refusals import RULES
from services.navigator.planning.shell import Shell
from services.navigator.planning.supports import help_pages
from services.navigator.planning.taking_part import taking_part_pages
from services.runtime.web import Pages

ROOM = Path(__file__).parent


def planning_pages(frame: Frame) -> list[Pages]:
    """All of them, in the frame of the case."""
    shell = Shell(frame, Reading(frame.engine))
    return [
        mapping_pages(shell),
        instrument_pages(shell),
        # The longer path first: `/matching/looked-at` and `/matching/unmet` are no activities.
        matching_pages(shell),
        asking_pages(shell),
        plan_pages(shell),
        recept_pages(shell),
        help_pages(shell),
        taking_part_pages(shell),
        follow_up_pages(shell),
    ]


__all__ = ["ROOM", "RULES", "planning_pages"]
