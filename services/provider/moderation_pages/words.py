"""What a coordinator reads of the queue. Every text here is a key of the translations."""

from __future__ import annotations

from services.runtime.web import mark

WHAT = {
    ("activity", "suggestion"): mark("Somebody suggests an activity"),
    ("activity", "new"): mark("A provider has published something new"),
    ("activity", "change"): mark("A provider has changed something"),
    ("provider", "suggestion"): mark("Somebody suggests an organisation"),
}
APPROVE = {
    ("activity", "suggestion"): mark("Publish it"),
    ("activity", "new"): mark("Let it stand"),
    ("activity", "change"): mark("Let it stand"),
    ("provider", "suggestion"): mark("Register it"),
}
REFUSE = {
    ("activity", "suggestion"): mark("Turn it down"),
    ("activity", "new"): mark("Take it away"),
    ("activity", "change"): mark("Put it back as it was"),
    ("provider", "suggestion"): mark("Turn it down"),
}
WHY = {
    "not_suitable": mark("It is not for us"),
    "not_right": mark("It is not right"),
    "there_already": mark("It is there already"),
    "cannot_be_confirmed": mark("Nobody can confirm it"),
}
DONE = {
    "approve": mark("It is approved."),
    "refuse": mark("It is turned down."),
    "merge": mark("What it says is put into the activity there is."),
}

FIELDS = {
    "title": mark("Title"),
    "name": mark("Name"),
    "kind": mark("Kind"),
    "needs": mark("For whom"),
    "area": mark("Area"),
    "languages": mark("Languages"),
    "capacity": mark("Places"),
    "acceptance": mark("Signing up"),
    "about": mark("Description"),
    "category": mark("Sort of activity"),
    "interests": mark("Interests"),
    "mode": mark("On site or digital"),
    "venue.name": mark("Place"),
    "venue.street": mark("Street"),
    "venue.postal_code": mark("Postal code"),
    "venue.town": mark("Town"),
    "cost.kronor": mark("Cost, kronor"),
    "cost.per": mark("Cost per"),
    "cost.note": mark("About the cost"),
    "provider": mark("Who runs it"),
    "activity": mark("Id"),
    "page": mark("Page on the web"),
    "hosted": mark("Somebody meets newcomers"),
    "access": mark("Accessibility"),
}
"""Fields as the contract names them; others are shown by that name."""
