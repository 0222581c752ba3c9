"""What becomes of a promise of first contact when a lead goes elsewhere: it ends, or begins anew (SA-3)."""

from __future__ import annotations

from uuid import UUID

from chassis.work.timers import cancel_timer, set_timer
from sales.lead_assignments.domain import LeadAssignment
from sales.lead_facts.domain import Qualification
from sales.leads.domain import Lead
from sales.transaction import SalesTx

FIRST_CONTACT = "lead_first_contact"


def end_promise(tx: SalesTx, lead: Lead) -> LeadAssignment | None:
    """Have the running promise end, neither kept nor broken, if there is one.

    Gives the last assignment with a promise, ended or not; nothing once first contact was made.
    Whoever calls has the lead locked, and has given it to whoever has it after this.
    """
    if lead.first_contact_at is not None:
        return None
    last = tx.lead_assignments.last_promise(lead.id)
    if last is not None:
        last.end_promise(lead.standing, tx.clock.now())
        cancel_timer(tx, FIRST_CONTACT, str(lead.id))
    return last


def take_over_promise(tx: SalesTx, lead: Lead, previous_owner_id: UUID | None) -> None:
    """Have the promise begin anew for whoever has claimed a lead, or was chosen for it by hand.

    It is that of the rule which had contact promised last, as the rule is by now; one that is gone,
    or asks for no promise any more, has nothing promised.
    """
    last, owner_id = end_promise(tx, lead), lead.details.owner_id
    hopeless = lead.qualification is Qualification.DISQUALIFIED
    if last is None or owner_id is None or hopeless or not lead.is_open:
        return
    rules = {one.id: one for one in tx.assignment_rules.in_use()}
    rule = None if last.assignment_rule_id is None else rules.get(last.assignment_rule_id)
    promise = None if rule is None else rule.definition.promise
    if promise is None:
        return
    now = tx.clock.now()
    due_at = promise.due_at(now)
    assignment = LeadAssignment(
        id=tx.ids.new(),
        lead_id=lead.id,
        assignment_rule_id=last.assignment_rule_id,
        territory_id=None,
        owner_id=owner_id,
        previous_owner_id=previous_owner_id,
        reason=None,
        considered=(),
        assigned_at=now,
        contact_due_at=due_at,
        taken_over=True,
    )
    lead.promise_contact(due_at)
    assignment.promise(lead.standing)
    tx.lead_assignments.add(assignment)
    set_timer(tx, FIRST_CONTACT, str(lead.id), due_at, {"assignment_id": str(assignment.id)})
