"""How templates are kept: a row with the draft, and a row for each version that was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from notifications.templates.domain import (
    Category,
    Compiled,
    CompiledHtml,
    Draft,
    Template,
    TemplateVersion,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)


def _draft_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("default_language", sa.Text, nullable=False),
        sa.Column("variables", sa.JSON, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )


templates = sa.Table(
    "templates",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    *_draft_columns(),
    sa.Column("live", sa.Integer),
    sa.Column("latest", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)

template_versions = sa.Table(
    "template_versions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("template_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    *_draft_columns(),
    sa.Column("compiled", sa.JSON, nullable=False),
    sa.Column("published_at", _time, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
)


class TemplatesRepository(Repository[Template]):
    """Templates for a change."""

    table = templates
    kind = "template"

    def keep_version(self, version: TemplateVersion) -> None:
        """Keep what was published."""
        row = {
            **_draft_row(version.draft),
            "tenant_id": self._tx.tenant_id,
            "template_id": version.template_id,
            "number": version.number,
            "compiled": version.compiled,
            "published_at": self._tx.clock.now(),
            "published_by": self._tx.caller.actor,
        }
        texts = {name: json_text(row[name]) for name in ("variables", "content", "compiled")}
        self._tx.write(_KEEP_VERSION, {**row, **texts})

    def _aggregate(self, row: sa.RowMapping) -> Template:
        return Template(
            id=row["id"],
            version=row["version"],
            key=row["key"],
            draft=draft_of(row),
            live=row["live"],
            latest=row["latest"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
        )

    def _row(self, aggregate: Template) -> dict[str, Any]:
        return {
            **_draft_row(aggregate.draft),
            "key": aggregate.key,
            "live": aggregate.live,
            "latest": aggregate.latest,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
        }


def _draft_row(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "category": draft.category.value,
        "default_language": draft.default_language,
        "variables": draft.variables,
        "content": draft.content,
    }


def draft_of(row: Mapping[str, Any] | sa.RowMapping) -> Draft:
    """What a row of either table says."""
    return Draft(
        name=row["name"],
        category=Category(row["category"]),
        default_language=row["default_language"],
        variables=row["variables"],
        content=row["content"],
    )


def version_of(key: str, row: Mapping[str, Any] | sa.RowMapping) -> TemplateVersion:
    """The version that a row of `template_versions` holds."""
    return TemplateVersion(
        template_id=row["template_id"],
        key=key,
        number=row["number"],
        draft=draft_of(row),
        compiled=_compiled_of(row["compiled"]),
    )


def _compiled_of(stored: Mapping[str, Mapping[str, Any]]) -> Compiled:
    return {
        channel: {
            language: CompiledHtml(made["html"], tuple(made["lines"]))
            for language, made in languages.items()
        }
        for channel, languages in stored.items()
    }


_KEEP_VERSION = Statement.of(sa.insert(template_versions), template_versions.c.keys())
