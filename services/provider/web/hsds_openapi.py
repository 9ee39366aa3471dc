"""The read API described for programs: OpenAPI 3.1, pointing at the standard's own schemas."""

from __future__ import annotations

from typing import Any

PREFIX = "/hsds/v3"
VERSION = "3.0"
_SCHEMAS = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema"

_TEXT, _NUMBER, _YES = {"type": "string"}, {"type": "integer", "minimum": 1}, {"type": "boolean"}
_ID, _MOMENT = {"type": "string", "format": "uuid"}, {"type": "string", "format": "date-time"}
_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "search": (_TEXT, "Words that must all stand in it, or begin a word in it."),
    "page": (_NUMBER, "Which page; the first is 1."),
    "per_page": ({**_NUMBER, "maximum": 100}, "How many on a page; 50 where nobody says."),
    "taxonomy_term_id": (_ID, "Only what has this term."),
    "taxonomy_id": (_ID, "Only what has a term of this taxonomy."),
    "organization_id": (_ID, "Only what this organization runs."),
    "modified_after": (_MOMENT, "Only what has changed since."),
    "minimal": (_YES, "Ids and when each was changed last, up to 10,000 on a page."),
    "full": (_YES, "Each whole, as by its id."),
    "full_service": (_YES, "Each organization with its services."),
    "parent_id": (_ID, "Only terms below this one."),
    "top_only": (_YES, "Only terms that have none below them."),
}
_PAGED = ("search", "page", "per_page")
_NARROWED = (*_PAGED, "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after")
PATHS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "/": ("What this API is.", "", ()),
    "/services": ("Services, page by page.", "compiled/service_list", (*_NARROWED, "minimal", "full")),
    "/services/{id}": ("One service, whole.", "compiled/service", ()),
    "/service_at_locations": (
        "Services at their locations, page by page.",
        "compiled/service_at_location_list",
        (*_NARROWED, "full"),
    ),
    "/service_at_locations/{id}": ("One service at one place.", "compiled/service_at_location", ()),
    "/organizations": (
        "Organizations, page by page.",
        "compiled/organization_list",
        (*_PAGED, "taxonomy_term_id", "taxonomy_id", "full", "full_service"),
    ),
    "/organizations/{id}": ("One organization, with its services.", "compiled/organization", ()),
    "/taxonomies": ("Taxonomies, page by page.", "taxonomy", _PAGED),
    "/taxonomies/{id}": ("One taxonomy.", "taxonomy", ()),
    "/taxonomy_terms": (
        "Terms, page by page.",
        "taxonomy_term",
        (*_PAGED, "taxonomy_id", "parent_id", "top_only"),
    ),
    "/taxonomy_terms/{id}": ("One term.", "taxonomy_term", ()),
}
"""Every path: what it gives, by which of the standard's schemas, and what may be asked of it."""


def api_document(address: str) -> dict[str, Any]:
    """The description, for the API at this address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Activities and who runs them",
            "version": VERSION,
            "description": "Open Referral HSDS 3.0. No key is needed; at most 6,000 answers an hour.",
        },
        "servers": [{"url": address}],
        "paths": {path: {"get": _operation(path)} for path in PATHS},
    }


def _operation(path: str) -> dict[str, Any]:
    meaning, schema, named = PATHS[path]
    asked: list[dict[str, Any]] = [
        {"name": name, "in": "query", "schema": _PARAMETERS[name][0], "description": _PARAMETERS[name][1]}
        for name in named
    ]
    if "{id}" in path:
        asked.append({"name": "id", "in": "path", "required": True, "schema": _ID})
    answers = {"200": _answer(meaning, "application/json", _given(path, schema))}
    problem = {"type": "object", "required": ["title", "status", "detail"]}
    for status, what in (("400", "Wrongly asked."), ("404", "Nothing here."), ("429", "Ask more slowly.")):
        if status != "404" or "{id}" in path:
            answers[status] = _answer(what, "application/problem+json", problem)
    return {"summary": meaning, "parameters": asked, "responses": answers}


def _given(path: str, schema: str) -> dict[str, Any]:
    if not schema:
        return {"type": "object", "required": ["version", "profile", "openapi_url"]}
    one = {"$ref": f"{_SCHEMAS}/{schema}.json"}
    if "{id}" in path:
        return one
    envelope = ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty")
    return {
        "type": "object",
        "required": [*envelope, "contents"],
        "properties": {"contents": {"type": "array", "items": one}},
    }


def _answer(meaning: str, kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {kind: {"schema": schema}}}
