"""What administrators do to root causes; each function is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from chassis.domain import Conflict, Invalid
from desk.complaint_causes.domain import MOST_CAUSES, ComplaintCause
from desk.transaction import DeskTx


def define_cause(tx: DeskTx, key: str, name: Mapping[str, str]) -> ComplaintCause:
    """Have another cause. Raises `Conflict` for a key twice, and when there are too many."""
    if tx.complaint_causes.count() >= MOST_CAUSES:
        message = f"There are {MOST_CAUSES} causes already."
        raise Conflict(message, code="too_many_complaint_causes")
    now = tx.clock.now()
    cause = ComplaintCause(id=tx.ids.new(), key=key, name=name, created_at=now, updated_at=now)
    cause.define()
    tx.complaint_causes.add(cause)
    return cause


def rename_cause(tx: DeskTx, cause_id: UUID, name: Mapping[str, str]) -> ComplaintCause:
    """Call a cause otherwise. Raises `NotFound`."""
    cause = tx.complaint_causes.get(cause_id)
    cause.rename(name, tx.clock.now())
    return cause


def archive_cause(tx: DeskTx, cause_id: UUID) -> ComplaintCause:
    """Have no more complaints put down to a cause. Raises `NotFound`."""
    cause = tx.complaint_causes.get(cause_id)
    cause.archive(tx.clock.now())
    return cause


def restore_cause(tx: DeskTx, cause_id: UUID) -> ComplaintCause:
    """Have complaints put down to a cause again. Raises `NotFound`."""
    cause = tx.complaint_causes.get(cause_id)
    cause.restore(tx.clock.now())
    return cause


def require_cause(tx: DeskTx, key: str) -> None:
    """Raises `Invalid` for a cause that there is not, or that is archived."""
    if not tx.complaint_causes.is_in_use(key):
        raise Invalid.at("/cause", "complaint_cause_unknown", f"There is no cause {key!r} in use.")
