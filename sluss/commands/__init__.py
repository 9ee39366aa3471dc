"""The commands of the front door, one module each.

To add one, write `sluss/commands/NAME.py` and put NAME in this list. The module holds either `app`, a
`typer.Typer` of its own (its `name` is the command), or a function called NAME.
"""

COMMANDS = (
    "up",
    "simulate",
    "registry",
    "staff",
    "pathway",
    "partner",
    "submit",
    "validate",
    "trigger",
    "case",
    "referral",
    "consent",
    "person",
    "accesses",
    "activity",
    "provider",
    "resource",
    "hsds",
    "enrolment",
    "attendance",
    "evaluation",
    "series",
    "instrument",
    "story",
    "events",
    "doctor",
    "streams",
    "loops",
    "deadletters",
    "audit",
    "handbook",
    "incident",
    "catchup",
    "deploy",
)
"""In the order `sluss --help` shows them."""
