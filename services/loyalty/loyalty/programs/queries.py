"""Reads programs, straight to the response, and what other slices go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, text_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.programs.domain import Program, ProgramStatus
from loyalty.programs.models import shown
from loyalty.programs.storage import program_of, programs

_columns = programs.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_in_tenant = _all.where(_columns.tenant_id == sa.bindparam("tenant_id"))
_one = Statement.of(_in_tenant.where(_columns.id == sa.bindparam("id")))
_active = Statement.of(
    _in_tenant.where(_columns.status == sa.bindparam("status")).order_by(_columns.id)
)

PROGRAMS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "name": _columns.name},
    default_sort="-created_at",
    filters={
        "key": text_filter(_columns.key),
        "status": choice_filter(_columns.status, *ProgramStatus),
        "currency": text_filter(_columns.currency),
    },
)


def get_program(reading: Reading, program_id: UUID) -> Mapping[str, Any]:
    """A program as the API shows one. Raises `NotFound`."""
    return shown(program(reading, program_id))


def list_programs(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of programs."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: shown(program_of(dict(row._mapping)))
    )


def program(reading: Reading | UnitOfWork, program_id: UUID) -> Program:
    """A program as it is now, to go by and not to change. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": program_id})
    if row is None:
        raise NotFound.of("program", program_id)
    return program_of(row)


def active_programs(reading: Reading | UnitOfWork) -> Sequence[Program]:
    """The programs that take members, in the order in which they were begun."""
    about = {"tenant_id": reading.caller.tenant_id, "status": ProgramStatus.ACTIVE}
    return [program_of(row) for row in reading.fetch_all(_active, about)]
