"""What administrators do to reasons, and the check that others ask for before they give one."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid5

from chassis.domain import Conflict, Invalid
from sales.reasons.built_in import BUILT_IN
from sales.reasons.domain import MOST_REASONS, Reason, ReasonKind
from sales.transaction import SalesTx


def define_reason(tx: SalesTx, kind: ReasonKind, key: str, name: Mapping[str, str]) -> Reason:
    """Define a reason. Raises `Conflict` when its key is taken or there are too many."""
    if tx.reasons.count() >= MOST_REASONS:
        raise Conflict(f"There are {MOST_REASONS} reasons already.", code="too_many_reasons")
    reason = Reason.define(tx.ids.new(), kind, key, name, tx.clock.now())
    tx.reasons.add(reason)
    return reason


def rename_reason(tx: SalesTx, reason_id: UUID, name: Mapping[str, str]) -> Reason:
    """Call a reason something else. Raises `NotFound`."""
    reason = tx.reasons.get(reason_id)
    reason.rename(name, tx.clock.now())
    return reason


def archive_reason(tx: SalesTx, reason_id: UUID) -> Reason:
    """Have a reason given for nothing new. Raises `NotFound`."""
    reason = tx.reasons.get(reason_id)
    reason.archive(tx.clock.now())
    return reason


def restore_reason(tx: SalesTx, reason_id: UUID) -> Reason:
    """Take an archived reason back into use. Raises `NotFound`."""
    reason = tx.reasons.get(reason_id)
    reason.restore(tx.clock.now())
    return reason


def require_reason(tx: SalesTx, kind: ReasonKind, key: str, pointer: str = "/reason") -> None:
    """Check that a reason may be given. Raises `Invalid` at `pointer` for one that there is not."""
    state = tx.reasons.state_of(kind, key)
    if state is None:
        message = f"There is no reason {key!r} of the kind {kind}."
        raise Invalid.at(pointer, "reason_unknown", message)
    if state == "archived":
        raise Invalid.at(pointer, "reason_archived", f"The reason {key!r} is archived.")


def give_first_reasons(tx: SalesTx) -> None:
    """Have a new tenant start with the reasons that most need; a second time changes nothing."""
    now = tx.clock.now()
    for kind, names in BUILT_IN.items():
        for key, name in names.items():
            reason_id = uuid5(tx.tenant_id, f"reason:{kind}:{key}")
            tx.reasons.add_unless_there(Reason.define(reason_id, kind, key, name, now))
