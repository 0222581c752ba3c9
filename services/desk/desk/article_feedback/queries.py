"""Reads what readers say, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.article_feedback.models import ArticleFeedbackOut
from desk.article_feedback.storage import article_feedback

_columns = article_feedback.c
_shown = sa.select(*(_columns[name] for name in ArticleFeedbackOut.model_fields))

FEEDBACK = ListSpec(
    key=_columns.id,
    sorts={"given_at": _columns.given_at},
    default_sort="-given_at",
    filters={
        "article_id": uuid_filter(_columns.article_id),
        "helpful": boolean_filter(_columns.helpful),
        "language": text_filter(_columns.language),
        "given_at": time_filter(_columns.given_at),
    },
)


def list_feedback(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what readers say."""
    return listing.fetch(reading.connection, _of_tenant(reading))


def get_feedback(reading: Reading, feedback_id: UUID) -> dict[str, Any]:
    """What a reader has said. Raises `NotFound`."""
    row = reading.connection.execute(_of_tenant(reading).where(_columns.id == feedback_id)).first()
    if row is None:
        raise NotFound.of("feedback", feedback_id)
    return dict(row._mapping)


def _of_tenant(reading: Reading) -> sa.Select[Any]:
    return _shown.where(_columns.tenant_id == reading.caller.tenant_id)
