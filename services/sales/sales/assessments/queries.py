"""Reads assessments, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.assessments.domain import Assessment
from sales.assessments.models import shown
from sales.assessments.storage import answer_of, lead_assessments
from sales.leads.queries import within_reach
from sales.qualification_frameworks.built_in import BANT
from sales.qualification_frameworks.domain import FrameworkDefinition
from sales.qualification_frameworks.operations import bant_id
from sales.qualification_frameworks.storage import definition_numbered, newest_definition

_columns = lead_assessments.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

ASSESSMENTS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={"framework_id": uuid_filter(_columns.framework_id)},
)


def list_assessments(reading: Reading, listing: Listing, lead_id: UUID) -> dict[str, Any]:
    """A page of what a lead was asked, by framework. Raises `NotFound`."""
    within_reach(reading, lead_id)
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.lead_id == lead_id)
    return listing.fetch(
        reading.connection, base, lambda row: shown(_assessment(reading, row._mapping))
    )


def get_assessment(reading: Reading, lead_id: UUID, framework_id: UUID) -> dict[str, Any]:
    """What a lead has answered to a framework; before the first answer its newest questions.

    Raises `NotFound`.
    """
    lead = within_reach(reading, lead_id)
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.lead_id == lead_id,
        _columns.framework_id == framework_id,
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is not None:
        return shown(_assessment(reading, row))
    number, definition = _newest(reading, framework_id)
    unasked = Assessment(
        id=lead_id,
        lead_id=lead_id,
        framework_id=framework_id,
        number=number,
        definition=definition,
        created_at=lead.captured_at,
        updated_at=lead.captured_at,
    )
    return shown(unasked, begun=False)


def _newest(reading: Reading, framework_id: UUID) -> tuple[int, FrameworkDefinition]:
    newest = newest_definition(reading, framework_id)
    if newest is not None:
        return newest[0], newest[1]
    tenant_id = reading.caller.tenant_id
    if tenant_id is not None and framework_id == bant_id(tenant_id):
        return 1, BANT
    raise NotFound.of("qualification framework", framework_id)


def _assessment(reading: Reading, row: Mapping[str, Any] | sa.RowMapping) -> Assessment:
    plain = ("id", "version", "lead_id", "framework_id", "number", "created_at", "updated_at")
    return Assessment(
        definition=definition_numbered(reading, row["framework_id"], row["number"]),
        answers=tuple(answer_of(one) for one in row["answers"]),
        **{name: row[name] for name in plain},
    )
