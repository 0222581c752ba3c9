"""What administrators, happenings and merges do to retention; each function works in one transaction."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, NotFound
from chassis.events.reactions import Envelope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from chassis.work.timers import set_timer
from loyalty.happenings.domain import Happening
from loyalty.happenings.stillness import keep_still, wait_for_hearers
from loyalty.retention.customers import locked_customer
from loyalty.retention.domain import LossReasonEntered, RetentionDefinition, Rules
from loyalty.retention.judging import follow, judge
from loyalty.retention.purchases import matters, note_order
from loyalty.retention.storage import definition_of, estimates_of
from loyalty.transaction import LoyaltyTx
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged, TenantCreated

RETENTION_DAY = "retention_day"
"""Judges everybody once a day; its data says after whom it goes on."""

_WHAT = "retention"


def change_definition(tx: LoyaltyTx, rules: Rules) -> RetentionDefinition:
    """Judge customers by other rules from now on; all are judged anew, bit by bit. Raises `Invalid`."""
    wait_for_hearers(tx, _WHAT)
    definition = tx.retention_definitions.of_tenant()
    if definition.change(rules, tx.clock.now()):
        judge_all_soon(tx)
    return definition


def on_time_zone_told(
    tx: LoyaltyTx, fact: TenantCreated | TenantChanged, envelope: Envelope
) -> None:
    """Follow what identity says of the tenant's zone; facts that come late change nothing."""
    wait_for_hearers(tx, _WHAT)
    definition = tx.retention_definitions.of_tenant()
    before = definition.zone
    definition.follow(fact.time_zone, envelope.aggregate_version)
    if definition.is_defined and definition.zone != before:
        judge_all_soon(tx)


def judge_all_soon(tx: UnitOfWork) -> None:
    """Have everybody judged from now on, and after that once a day."""
    set_timer(tx, RETENTION_DAY, "all", tx.clock.now(), {"after": None})


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Keep what was bought; and judge the customer by it if the tenant says who is lost."""
    order = note_order(tx, happening)
    keep_still(tx, _WHAT)
    definition = definition_of(tx)
    if not definition.is_defined or not (order or matters(happening, definition.rules)):
        return
    if order or _is_customer(tx, happening.person_id):
        follow(tx, definition, happening, order)


def judge_people(tx: LoyaltyTx, *person_ids: UUID) -> None:
    """Judge people anew whose purchases are others than before: two were merged into one, say."""
    keep_still(tx, _WHAT)
    definition = definition_of(tx)
    if definition.is_defined:
        for person_id in sorted(person_ids):
            judge(tx, definition, estimates_of(tx), person_id)


def enter_loss_reason(tx: LoyaltyTx, person_id: UUID, reason: str | None) -> None:
    """Say why a customer was lost, or take it back. Raises `NotFound`, `Conflict` for one who is not."""
    if not _is_customer(tx, person_id):
        raise NotFound.of("customer", person_id)
    row = locked_customer(tx, person_id)
    about = {"tenant_id": tx.tenant_id, "customer_id": row["id"], "now": tx.clock.now()}
    spell = tx.fetch_one(_LOST, about)
    if spell is None:
        raise Conflict("The customer is not lost, and never was.", code="customer_not_lost")
    tx.write(_NO_REASON, {**about, **spell})
    if reason is not None:
        tx.write(_REASON, {**about, **spell, "reason": reason, "actor": tx.caller.actor})
    tx.write(_RAISE, about)
    tx.publish(LossReasonEntered(person_id, reason or ""), person_id, row["version"] + 1)


def require_defined(reading: Reading | UnitOfWork) -> RetentionDefinition:
    """The tenant's definition. Raises `Conflict` when it has not said who is lost."""
    definition = definition_of(reading)
    if not definition.is_defined:
        raise Conflict(
            "The tenant has not said who drifts away and who is lost: PUT"
            " /v1/loyalty/retention-definition does.",
            code="retention_undefined",
        )
    return definition


def _is_customer(tx: UnitOfWork, person_id: UUID) -> bool:
    return tx.fetch_one(_KNOWN, {"tenant_id": tx.tenant_id, "person_id": person_id}) is not None


_KNOWN = Statement(
    "SELECT id FROM retention_customers WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
_LOST = Statement(
    "SELECT began_at FROM retention_spells WHERE tenant_id = %(tenant_id)s"
    " AND customer_id = %(customer_id)s AND ends_at <= %(now)s ORDER BY began_at DESC LIMIT 1"
)
_NO_REASON = Statement(
    "DELETE FROM retention_loss_reasons WHERE tenant_id = %(tenant_id)s"
    " AND customer_id = %(customer_id)s AND began_at = %(began_at)s"
)
_REASON = Statement(
    "INSERT INTO retention_loss_reasons (tenant_id, customer_id, began_at, reason, entered_by,"
    " entered_at) VALUES (%(tenant_id)s, %(customer_id)s, %(began_at)s, %(reason)s, %(actor)s,"
    " %(now)s)"
)
_RAISE = Statement(
    "UPDATE retention_customers SET version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND id = %(customer_id)s"
)
