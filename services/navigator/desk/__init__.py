"""The link worker's desk: what is to be done today, the team's inbox, and the case with its steps."""

from __future__ import annotations

from pathlib import Path

from services.navigator.desk.asking_pages import asking_pages
from services.navigator.desk.case_page import case_pages
from services.navigator.desk.caseload_pages import caseload_pages
from services.navigator.desk.contact_page import contact_pages
from services.navigator.desk.ending_pages import ending_pages
from services.navigator.desk.frame import Frame
from services.navigator.desk.holding_pages import holding_pages
from services.navigator.desk.hours_page import hours_pages
from services.navigator.desk.inbox_page import inbox_pages
from services.navigator.desk.meeting_pages import meeting_pages
from services.navigator.desk.resting_pages import resting_pages
from services.navigator.desk.search_page import search_pages
from services.navigator.desk.task_page import task_pages
from services.navigator.desk.time_page import time_pages
from services.navigator.desk.today import News
from services.navigator.desk.today_page import today_pages
from services.runtime.web import Pages

ROOM = Path(__file__).parent


def desk_pages(frame: Frame, news: News) -> list[Pages]:
    """All the desk's pages."""
    return [
        today_pages(frame.engine, news),
        inbox_pages(frame.engine),
        search_pages(frame.engine),
        time_pages(frame.engine),
        hours_pages(frame.engine),
        caseload_pages(frame.engine),
        case_pages(frame),
        contact_pages(frame),
        meeting_pages(frame),
        resting_pages(frame),
        holding_pages(frame),
        asking_pages(frame),
        ending_pages(frame),
        task_pages(frame),
    ]


__all__ = ["ROOM", "Frame", "News", "desk_pages"]
