"""What leads are measured by in one transaction: scoring rules, limits of freshness, rules for stale ones."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from sales.lead_freshness.domain import LeadFreshnessSettings
from sales.lead_freshness.storage import settings_in_force
from sales.scoring_rules.storage import Rules, rules_in_force


@dataclass(frozen=True, slots=True)
class Standards:
    """The rules by which leads are scored, and how long they stay fresh."""

    rules: Rules
    settings: LeadFreshnessSettings


class LeadStandards:
    """Reads the standards once a transaction, and lets nobody change them until it ends.

    Else a lead could be measured by old rules, and be stored when all leads have just been looked
    at again by the new ones.
    """

    def __init__(self, tx: UnitOfWork) -> None:
        self._tx = tx
        self._known: Standards | None = None
        tx.on_flush(self)

    def in_force(self) -> Standards:
        """What holds now, and until this transaction ends."""
        if self._known is None:
            self._tx.fetch_one(_NO_CHANGE_NOW, {"tenant_id": self._tx.tenant_id})
            self._known = Standards(rules_in_force(self._tx), settings_in_force(self._tx))
        return self._known

    def change_alone(self) -> None:
        """Wait for all who measure leads by the standards now, and have others wait."""
        self._tx.fetch_one(_ALONE, {"tenant_id": self._tx.tenant_id})
        self._known = None

    def flush(self) -> None:
        """Nothing is written here."""

    def forget(self) -> None:
        """Drop all that is known: with the part that was undone, the lock may be gone."""
        self._known = None


_KEY = "hashtextextended('standards of leads of ' || %(tenant_id)s::text, 0)"
_NO_CHANGE_NOW = Statement(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
_ALONE = Statement(f"SELECT pg_advisory_xact_lock({_KEY})")
