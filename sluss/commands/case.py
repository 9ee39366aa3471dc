"""`sluss case …`: a link worker's steps, as commands to the navigator. The steps stand in `casework`."""

from __future__ import annotations

from collections.abc import Callable

import typer

from sluss.commands.casework import ending, finding_out, holding, matching, meetings, plan

app = typer.Typer(name="case", help="A link worker's steps with one person.", no_args_is_help=True)

STEPS: dict[str, Callable[..., None]] = {
    "list": holding.list_cases,
    "consent": holding.consent,
    "claim": holding.claim,
    "reassign": holding.reassign,
    "hand-over": holding.hand_over,
    "contact": meetings.contact,
    "book": meetings.book,
    "meeting": meetings.meeting,
    "pause": meetings.pause,
    "resume": meetings.resume,
    "mapping": finding_out.mapping,
    "measure": finding_out.measure,
    "change": finding_out.change,
    "plan": plan.plan,
    "progress": plan.progress,
    "prescribe": plan.prescribe,
    "match": matching.match,
    "alternatives": plan.alternatives,
    "enrol": plan.enrol,
    "support": plan.support,
    "supported": plan.supported,
    "spill-over": plan.spill_over,
    "unmet": plan.unmet,
    "followup": meetings.followup,
    "task": ending.task,
    "close": ending.close,
}
"""In the order `sluss case --help` shows them: the order of the work."""

for name, step in STEPS.items():
    app.command(name)(step)
