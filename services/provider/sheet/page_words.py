"""What the page of a spreadsheet says. Every text here is a key of the translations; so are the faults of
rows."""

from __future__ import annotations

from services.provider.moderation_pages.words import FIELDS as OF_ACTIVITIES
from services.provider.sheet.planning import Outcome
from services.runtime.web import mark

OUTCOMES = {
    Outcome.NEW: mark("New"),
    Outcome.CHANGED: mark("Changed"),
    Outcome.FAULTY: mark("To be mended"),
}
COUNTED = {
    Outcome.NEW: mark("%(many)s new"),
    Outcome.CHANGED: mark("%(many)s changed"),
    Outcome.UNCHANGED: mark("%(many)s as they were"),
    Outcome.FAULTY: mark("%(many)s to be mended"),
}
FIELDS = OF_ACTIVITIES | {
    "takes place": mark("Takes place"),
    "eligibility.from_age": mark("From age"),
    "eligibility.to_age": mark("To age"),
    "eligibility.groups": mark("Groups it is for"),
    "venue.latitude": mark("Latitude"),
    "venue.longitude": mark("Longitude"),
}
NO_FILE = mark("Choose a file.")
TOO_LARGE = mark("The file is too large for a page. Split it, or ask an operator to bring it in.")
LATER = mark("could not be done just now; send the file again in a while")
