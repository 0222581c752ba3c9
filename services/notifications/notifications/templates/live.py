"""Finds what is sent under a template's key: the tenant's own version, else the platform's."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.templates.built_in import BUILT_IN
from notifications.templates.domain import TemplateVersion
from notifications.templates.storage import version_of


def live_version(reading: Reading | UnitOfWork, key: str) -> TemplateVersion:
    """The version that is sent now.

    A tenant's template goes before the platform's of the same key as soon as it is published, and
    until it is archived. Raises `NotFound`.
    """
    row = reading.fetch_one(_LIVE, {"tenant_id": reading.caller.tenant_id, "key": key})
    if row is not None:
        return version_of(key, row)
    built_in = BUILT_IN.get(key)
    if built_in is None:
        raise NotFound.of("template", key)
    return built_in


def published_version(
    reading: Reading | UnitOfWork, template_id: UUID, number: int
) -> TemplateVersion:
    """A version of a tenant's template, live or not. Raises `NotFound`."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "template_id": template_id,
        "number": number,
    }
    row = reading.fetch_one(_NUMBERED, about)
    if row is None:
        raise NotFound.of("version", number)
    return version_of(row["key"], row)


_COLUMNS = (
    "SELECT t.key, v.template_id, v.number, v.name, v.category, v.default_language, v.variables,"
    " v.content, v.compiled FROM templates t JOIN template_versions v"
    " ON v.tenant_id = t.tenant_id AND v.template_id = t.id"
)
_LIVE = Statement(
    _COLUMNS + " AND v.number = t.live"
    " WHERE t.tenant_id = %(tenant_id)s AND t.key = %(key)s AND t.archived_at IS NULL"
)
_NUMBERED = Statement(
    _COLUMNS + " WHERE t.tenant_id = %(tenant_id)s AND t.id = %(template_id)s"
    " AND v.number = %(number)s"
)
