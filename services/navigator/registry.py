"""The navigator's registry: what it owns. Handlers and projections add what it does."""

from __future__ import annotations

from services.navigator.domain import activity_task, case, instrument, task, team, worker
from services.runtime.service import Service

navigator = Service("navigator")

TEAM = navigator.aggregate("team", team.Team, team.evolve)
LINK_WORKER = navigator.aggregate("linkworker", worker.LinkWorker, worker.evolve)
CASE = navigator.aggregate("case", case.Case, case.evolve)
TASK = navigator.aggregate("task", task.Task, task.evolve)
ACTIVITY_TASK = navigator.aggregate("activity_task", activity_task.ActivityTask, activity_task.evolve)
INSTRUMENT = navigator.aggregate("instrument", instrument.Instrument, instrument.evolve)
