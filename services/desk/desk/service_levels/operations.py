"""What administrators do to policies of service levels; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid5

from chassis.domain import Conflict
from desk.calendars.operations import require_calendar
from desk.clocks.renewal import have_reckoned_anew
from desk.service_levels.built_in import FIRST_POLICY
from desk.service_levels.domain import MOST_POLICIES, ServiceLevel, Terms
from desk.service_levels.escalating import require_destination
from desk.ticket_vocabulary import condition_of
from desk.transaction import DeskTx


def create_service_level(tx: DeskTx, terms: Terms) -> ServiceLevel:
    """Add a policy; open deadlines follow. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.service_levels.count() >= MOST_POLICIES:
        message = f"There are {MOST_POLICIES} policies already."
        raise Conflict(message, code="too_many_service_levels")
    _require_readable(tx, terms)
    return _add(tx, tx.ids.new(), terms)


def change_service_level(
    tx: DeskTx, service_level_id: UUID, changed: Callable[[Terms], Terms]
) -> ServiceLevel:
    """Write a policy anew; open deadlines follow. Raises `NotFound`, `Invalid`."""
    policy = tx.service_levels.get(service_level_id)
    before, terms = policy.terms, changed(policy.terms)
    if terms.business_calendar_id != before.business_calendar_id:
        require_calendar(tx, terms.business_calendar_id, "/business_calendar_id")
    if terms.escalation != before.escalation:
        require_destination(tx, terms.escalation, "/escalation")
    _require_condition(terms)
    if policy.change(terms, tx.clock.now()):
        have_reckoned_anew(tx)
    return policy


def archive_service_level(tx: DeskTx, service_level_id: UUID) -> ServiceLevel:
    """Have a policy hold for no ticket any more. Raises `NotFound`."""
    policy = tx.service_levels.get(service_level_id)
    if policy.archive(tx.clock.now()):
        have_reckoned_anew(tx)
    return policy


def restore_service_level(tx: DeskTx, service_level_id: UUID) -> ServiceLevel:
    """Have a policy tried again, in its place. Raises `NotFound`."""
    policy = tx.service_levels.get(service_level_id)
    if policy.restore(tx.clock.now()):
        have_reckoned_anew(tx)
    return policy


def give_first_service_level(tx: DeskTx) -> None:
    """Have a new tenant start with a policy; a second time changes nothing."""
    policy_id = uuid5(tx.tenant_id, "service level")
    if not tx.service_levels.is_there(policy_id):
        _add(tx, policy_id, FIRST_POLICY)


def _add(tx: DeskTx, policy_id: UUID, terms: Terms) -> ServiceLevel:
    now = tx.clock.now()
    policy = ServiceLevel(id=policy_id, terms=terms, created_at=now, updated_at=now)
    policy.create()
    tx.service_levels.add(policy)
    have_reckoned_anew(tx)
    return policy


def _require_readable(tx: DeskTx, terms: Terms) -> None:
    require_calendar(tx, terms.business_calendar_id, "/business_calendar_id")
    require_destination(tx, terms.escalation, "/escalation")
    _require_condition(terms)


def _require_condition(terms: Terms) -> None:
    """Raise `Invalid` for a condition that cannot be read, with the place."""
    if terms.condition:
        condition_of(terms.condition)
