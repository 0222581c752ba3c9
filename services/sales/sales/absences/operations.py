"""What people who sell, and those who lead them, say of their absences."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.domain import Forbidden, Invalid
from sales.absences.domain import Absence
from sales.transaction import SalesTx


def enter_absence(tx: SalesTx, user_id: UUID | None, first_day: date, last_day: date) -> Absence:
    """Have a user take no new leads on these days; the caller unless somebody is named.

    Raises `Invalid`, `Forbidden` for somebody out of the caller's reach.
    """
    user_id = user_id or tx.caller.user_id
    if user_id is None:
        raise Invalid.at("/user_id", "user_missing", "Who is away? A user is needed.")
    if not tx.scope.allows(user_id):
        raise Forbidden("You may enter absences of those within your reach.")
    absence = Absence(
        id=tx.ids.new(),
        user_id=user_id,
        first_day=first_day,
        last_day=last_day,
        created_at=tx.clock.now(),
    )
    absence.enter()
    tx.absences.add(absence)
    return absence


def remove_absence(tx: SalesTx, absence_id: UUID) -> Absence:
    """Have a user take leads on these days after all. Raises `NotFound`."""
    absence = tx.absences.get(absence_id)
    absence.take_back()
    tx.absences.remove(absence)
    return absence
