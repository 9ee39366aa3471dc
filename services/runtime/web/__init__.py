"""The web parts all services' pages stand on: layout, languages, sessions, forms, route table."""

from services.runtime.languages import Language, mark
from services.runtime.web.identity import Identity, Visitor
from services.runtime.web.pages import ANYONE, NothingHere, Pages, actor_of, visitor_of
from services.runtime.web.senders import sender_of
from services.runtime.web.site import Site, build_web, secret_for_pages, site_of

__all__ = [
    "ANYONE",
    "Identity",
    "Language",
    "NothingHere",
    "Pages",
    "Site",
    "Visitor",
    "actor_of",
    "build_web",
    "mark",
    "secret_for_pages",
    "sender_of",
    "site_of",
    "visitor_of",
]
