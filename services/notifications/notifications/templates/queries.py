"""Reads templates, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    text_filter,
    time_filter,
)
from chassis.storage.unit_of_work import Reading
from notifications.templates.built_in import BUILT_IN
from notifications.templates.domain import Category, TemplateVersion
from notifications.templates.live import live_version, published_version
from notifications.templates.storage import draft_of, template_versions, templates

_columns = templates.c
_versions = template_versions.c
_listed = (
    _columns.id,
    _columns.version,
    _columns.key,
    _columns.name,
    _columns.category,
    _columns.default_language,
    _columns.live,
    _columns.latest,
    _columns.created_at,
    _columns.updated_at,
    _columns.archived_at,
)
_whole = (*_listed, _columns.variables, _columns.content)
_published = (
    _versions.number,
    _versions.name,
    _versions.category,
    _versions.default_language,
    _versions.published_at,
    _versions.published_by,
)

TEMPLATES = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key, "updated_at": _columns.updated_at},
    default_sort="key",
    filters={
        "key": text_filter(_columns.key, "prefix"),
        "category": choice_filter(_columns.category, *Category),
        "updated_at": time_filter(_columns.updated_at),
        "archived": archived_filter(_columns.archived_at),
    },
)
VERSIONS = ListSpec(
    key=_versions.number, sorts={"number": _versions.number}, default_sort="-number"
)


def list_templates(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the tenant's templates, without what they say."""
    statement = sa.select(*_listed).where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        statement = statement.where(_columns.archived_at.is_(None))
    return listing.fetch(
        reading.connection, statement, lambda row: _with_origin(dict(row._mapping))
    )


def get_template(reading: Reading, template_id: UUID) -> dict[str, Any]:
    """The template with its draft. Raises `NotFound`."""
    return _with_origin(dict(_found(reading, template_id)))


def draft_version(reading: Reading, template_id: UUID) -> TemplateVersion:
    """The draft, as if it had been published. Raises `NotFound`."""
    row = _found(reading, template_id)
    return TemplateVersion(template_id, row["key"], 0, draft_of(row))


def tried_version(reading: Reading, template_id: UUID, number: int | None) -> TemplateVersion:
    """What somebody wants to see: the draft, or a version. Raises `NotFound`."""
    if number is None:
        return draft_version(reading, template_id)
    return published_version(reading, template_id, number)


def sent_version(reading: Reading, key: str) -> TemplateVersion:
    """What is sent under a key, the platform's if need be. Raises `NotFound`."""
    return live_version(reading, key)


def list_versions(reading: Reading, listing: Listing, template_id: UUID) -> dict[str, Any]:
    """A page of what was published of a template, the latest first. Raises `NotFound`."""
    live = _found(reading, template_id)["live"]
    statement = sa.select(*_published).where(
        _versions.tenant_id == reading.caller.tenant_id, _versions.template_id == template_id
    )
    return listing.fetch(
        reading.connection,
        statement,
        lambda row: {**row._mapping, "live": row.number == live},
    )


def get_version(reading: Reading, template_id: UUID, number: int) -> dict[str, Any]:
    """A version with what it says. Raises `NotFound`."""
    live = _found(reading, template_id)["live"]
    statement = sa.select(*_published, _versions.variables, _versions.content).where(
        _versions.tenant_id == reading.caller.tenant_id,
        _versions.template_id == template_id,
        _versions.number == number,
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("version", number)
    return {**row, "live": row["number"] == live}


def list_built_in() -> dict[str, Any]:
    """The platform's templates, with what they say."""
    items = [
        {
            "key": version.key,
            "name": version.draft.name,
            "category": version.draft.category,
            "default_language": version.draft.default_language,
            "variables": version.draft.variables,
            "content": version.draft.content,
        }
        for version in BUILT_IN.values()
    ]
    return {"items": items}


def _found(reading: Reading, template_id: UUID) -> sa.RowMapping:
    statement = sa.select(*_whole).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == template_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("template", template_id)
    return row


def _with_origin(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "overrides_built_in": row["key"] in BUILT_IN}
