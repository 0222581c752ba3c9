"""What administrators do to types of requests for approval."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from sales.approval_types.domain import MOST_TYPES, ApprovalType, ApprovalTypeDefinition
from sales.transaction import SalesTx


def define_approval_type(tx: SalesTx, key: str, definition: ApprovalTypeDefinition) -> ApprovalType:
    """Define a type. Raises `Invalid`, `Conflict` when its key is taken or there are too many."""
    if tx.approval_types.count() >= MOST_TYPES:
        message = f"There are {MOST_TYPES} types already."
        raise Conflict(message, code="too_many_approval_types")
    now = tx.clock.now()
    kind = ApprovalType(
        id=tx.ids.new(), key=key, definition=definition, created_at=now, updated_at=now
    )
    kind.define()
    tx.approval_types.add(kind)
    return kind


def redefine_approval_type(
    tx: SalesTx,
    approval_type_id: UUID,
    change: Callable[[ApprovalTypeDefinition], ApprovalTypeDefinition],
) -> ApprovalType:
    """Change a type; what was submitted goes on as it is. Raises `NotFound`, `Invalid`, `Conflict`."""
    kind = tx.approval_types.get(approval_type_id)
    kind.redefine(change(kind.definition), tx.clock.now())
    return kind


def archive_approval_type(tx: SalesTx, approval_type_id: UUID) -> ApprovalType:
    """Have nothing of a type asked for any more. Raises `NotFound`."""
    kind = tx.approval_types.get(approval_type_id)
    kind.archive(tx.clock.now())
    return kind


def restore_approval_type(tx: SalesTx, approval_type_id: UUID) -> ApprovalType:
    """Take an archived type back into use. Raises `NotFound`."""
    kind = tx.approval_types.get(approval_type_id)
    kind.restore(tx.clock.now())
    return kind
