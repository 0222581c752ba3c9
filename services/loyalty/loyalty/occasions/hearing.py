"""Plans the days of whoever has become a member."""

from __future__ import annotations

from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.occasions.operations import plan_person
from loyalty.transaction import LoyaltyTx


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Plan all occasions of a new member."""
    if happening.kind is HappeningKind.ENROLLED:
        plan_person(tx, happening.person_id)
