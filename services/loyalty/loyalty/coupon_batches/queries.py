"""Reads batches of codes, and their codes for those who may fetch them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.sealing import Sealer
from chassis.storage.listing import Listing, ListSpec, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.coupon_batches.storage import coupon_batches
from loyalty.coupons.domain import Coupon
from loyalty.coupons.making import code_of
from loyalty.coupons.storage import coupon_of, coupons

_columns = coupon_batches.c
_all = sa.select(
    _columns.id,
    _columns.version,
    _columns.pool_id.label("coupon_pool_id"),
    *(_columns[name] for name in ("count", "job_id", "created_by", "created_at", "made_at")),
)
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)
PAGE = 2_000

COUPON_BATCHES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={"coupon_pool_id": uuid_filter(_columns.pool_id)},
)


def list_batches(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of batches."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine)


def get_batch(reading: Reading | UnitOfWork, batch_id: UUID) -> dict[str, Any]:
    """A batch as the API shows one. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": batch_id})
    if row is None:
        raise NotFound.of("coupon batch", batch_id)
    return row


def coupons_of_batch(reading: Reading, batch_id: UUID, after: UUID) -> Sequence[Coupon]:
    """The next coupons of a batch, in the order of their ids; none at its end."""
    own = coupons.c
    statement = (
        sa.select(*own)
        .where(own.tenant_id == reading.caller.tenant_id, own.batch_id == batch_id, own.id > after)
        .order_by(own.id)
        .limit(PAGE)
    )
    return [coupon_of(row) for row in reading.connection.execute(statement).mappings()]


def header() -> bytes:
    """The first line of a file of codes."""
    return _lines([["code", "coupon_id", "state", "uses"]])


def lines_of(found: Sequence[Coupon], sealer: Sealer) -> bytes:
    """The lines of a file of codes."""
    return _lines([[code_of(sealer, one), one.id, one.state, one.uses] for one in found])


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def file_of(pages: Iterator[Sequence[Coupon]], sealer: Sealer) -> Iterator[bytes]:
    """A file of codes, page by page."""
    yield header()
    for page in pages:
        yield lines_of(page, sealer)
