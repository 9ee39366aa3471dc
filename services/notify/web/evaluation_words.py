"""What the pages of a link that is over say. None says who it was for, or what it asked."""

from __future__ import annotations

from services.notify.domain.links import Standing
from services.runtime.web import mark

OVER = {
    Standing.USED: (
        mark("The questions have been answered"),
        mark("Thank you. The answers have arrived, and you need not do anything more."),
        mark("A link works once. If something became wrong, tell whoever you have had contact with."),
    ),
    Standing.EXPIRED: (
        mark("The time to answer is over"),
        mark("The link was good for some weeks. It does not matter that nothing was answered."),
        mark("If you would like to tell how you are, call or write to whoever you have had contact with."),
    ),
    Standing.WITHDRAWN: (
        mark("These questions are not asked any more"),
        mark("Nothing can be answered here, and you need not do anything."),
        mark("Nothing was saved by opening the link."),
    ),
    Standing.UNKNOWN: (
        mark("The link leads nowhere"),
        mark("A few signs may have been lost on the way, or there is a newer message with a newer link."),
        mark("Open the link in the newest message, or copy all of it into the address bar."),
    ),
}
"""By how a link stands: the heading, what it means, and what one can do."""

NOTICES = {
    "later": mark("It could not be sent just now. Nothing is lost: wait a moment and send it again."),
    "changed": mark(
        "The questions have changed since you opened the page. Nothing was sent: please look again."
    ),
}
