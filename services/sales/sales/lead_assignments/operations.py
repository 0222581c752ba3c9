"""How leads find an owner, what happens when first contact is late, and that it was made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from chassis.domain import Conflict
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.assignment_rules.domain import AssignmentRule, LeadTraits, Promise
from sales.colleagues.availability import Standing
from sales.lead_assignments.choosing import Choice, choose
from sales.lead_assignments.domain import LeadAssignment, PoolReason
from sales.lead_assignments.promises import FIRST_CONTACT, end_promise
from sales.lead_assignments.storage import TenantWorkforce
from sales.lead_facts.domain import ContactKind, Freshness, Qualification
from sales.lead_reviews.operations import look_again
from sales.leads.domain import Lead
from sales.metrics import first_contact
from sales.territories.domain import Traits
from sales.transaction import SalesTx

LEAVER = "leads_of_leaver"
_BATCH = 100


def assign_captured(tx: SalesTx, lead: Lead) -> None:
    """Have the rules find an owner for a new lead; one that has an owner keeps them.

    A tenant without rules has nothing tried, and nothing noted.
    """
    if lead.in_pool and tx.assignment_rules.in_use():
        _assign(tx, lead)


def assign_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    """Try the rules as they are now for a lead in the pool.

    Raises `NotFound`, `Conflict` for one that somebody has, or that is not open.
    """
    lead = tx.leads.get(lead_id)
    if not lead.in_pool:
        message = "The lead is not in the pool: somebody has it, or it is not open any more."
        raise Conflict(message, code="lead_not_in_pool")
    _assign(tx, lead)
    return lead


def note_contact(tx: SalesTx, lead: Lead, kind: ContactKind, at: datetime) -> None:
    """Note that somebody has turned to a lead; only the first time counts."""
    if lead.first_contact_at is not None or not lead.is_open:
        return
    lead.contact(kind, at, tx.clock.now())
    cancel_timer(tx, FIRST_CONTACT, str(lead.id))
    due_at, seconds = lead.first_contact_due_at, lead.seconds_to_first_contact or 0
    promise = "none" if due_at is None else "kept" if at <= due_at else "broken"
    tx.once_committed(partial(first_contact.labels(promise).observe, seconds))


def first_contact_is_due(tx: SalesTx, timer: Timer) -> None:
    """Tell that a promise is broken, unless it was kept, and find somebody else.

    A promise of somebody who does not have the lead any more is none.
    """
    lead = next(iter(tx.leads.get_many([UUID(timer.key)])), None)
    if lead is None or not lead.is_open or lead.first_contact_at is not None:
        return
    if lead.qualification is Qualification.DISQUALIFIED:
        return
    (assignment,) = tx.lead_assignments.get_many([UUID(timer.data["assignment_id"])])
    if lead.details.owner_id != assignment.owner_id:
        return
    broken = [*tx.lead_assignments.broken_by(lead.id), assignment.owner_id]
    assignment.miss(lead.standing, len(broken), tx.clock.now())
    # Told before what follows from it.
    tx.flush()
    _reassign(tx, lead, assignment, {one for one in broken if one is not None}, len(broken))


def user_has_left(tx: SalesTx, user_id: UUID) -> None:
    """Have the open leads of somebody who has left find other owners, batch by batch."""
    set_timer(tx, LEAVER, str(user_id), tx.clock.now())


def leads_need_others(tx: SalesTx, timer: Timer) -> None:
    """Try the rules for the next leads of somebody who has left, and come back for those after them.

    What no rule takes goes into the pool. Nothing happens when they are back by then.
    """
    user_id = UUID(timer.key)
    workforce = TenantWorkforce(tx, ())
    if workforce.unavailable([user_id]).get(user_id) != Standing.DEACTIVATED:
        return
    tx.bulk = True
    # Before the look, so that no lead is on its way to them.
    tx.assignment_rules.one_at_a_time()
    lead_ids = tx.leads.open_of(user_id, _BATCH)
    for lead in tx.leads.get_many(lead_ids):
        _assign(tx, lead, barred=(user_id,))
    if len(lead_ids) == _BATCH:
        user_has_left(tx, user_id)


def _assign(tx: SalesTx, lead: Lead, barred: Collection[UUID] = ()) -> None:
    choice = _choose(tx, lead, tx.assignment_rules.in_use(), barred)
    _give(tx, lead, choice, None if choice.rule is None else choice.rule.definition.promise)


def _reassign(
    tx: SalesTx, lead: Lead, assignment: LeadAssignment, barred: set[UUID], missed: int
) -> None:
    """Go on by the rule that gave it: to somebody else, then to whom it escalates, then the pool."""
    rules = [one for one in tx.assignment_rules.in_use() if one.id == assignment.assignment_rule_id]
    promise = rules[0].definition.promise if rules else None
    choice = Choice((), reason=PoolReason.PROMISES_BROKEN)
    if promise is not None and missed <= promise.most_reassignments:
        choice = _choose(tx, lead, rules, barred)
    if choice.owner_id is not None:
        _give(tx, lead, choice, promise)
    elif promise is not None and (user_id := _escalates_to(tx, promise, barred)) is not None:
        _give(tx, lead, Choice(choice.considered, rules[0], user_id), None)
    else:
        _give(tx, lead, replace(choice, reason=PoolReason.PROMISES_BROKEN), None)


def _escalates_to(tx: SalesTx, promise: Promise, barred: Collection[UUID]) -> UUID | None:
    """Whom a broken promise goes to in the end, unless it was theirs, or they are not there."""
    user_id = promise.escalation_user_id
    if user_id is None or user_id in barred:
        return None
    return None if user_id in TenantWorkforce(tx, ()).unavailable([user_id]) else user_id


def _choose(
    tx: SalesTx, lead: Lead, rules: Sequence[AssignmentRule], barred: Collection[UUID]
) -> Choice:
    """Whom the rules choose, with the turn noted; whoever else assigns waits until the commit."""
    # What was given in this transaction counts, too.
    tx.flush()
    tx.assignment_rules.one_at_a_time()
    workforce = TenantWorkforce(tx, tx.territories.in_use())
    choice = choose(rules, traits_of(lead), workforce, barred)
    if choice.rule is not None and choice.owner_id is not None:
        tx.assignment_rules.note_turn(choice.rule.id, choice.owner_id)
    return choice


def _give(tx: SalesTx, lead: Lead, choice: Choice, promise: Promise | None) -> None:
    now = tx.clock.now()
    kept = promise is None or lead.first_contact_at is not None
    due_at = None if promise is None or kept else promise.due_at(now)
    assignment = LeadAssignment(
        id=tx.ids.new(),
        lead_id=lead.id,
        assignment_rule_id=None if choice.rule is None else choice.rule.id,
        territory_id=choice.territory_id,
        owner_id=choice.owner_id,
        previous_owner_id=lead.details.owner_id,
        reason=choice.reason,
        considered=choice.considered,
        assigned_at=now,
        contact_due_at=due_at,
    )
    is_promised = lead.first_contact_due_at is not None
    lead.give_to(choice.owner_id, due_at, now)
    if is_promised:
        end_promise(tx, lead)
    assignment.tell(lead.standing)
    tx.lead_assignments.add(assignment)
    if lead.freshness is Freshness.STALE and choice.owner_id is not None:
        # Its age begins anew with who has got it.
        look_again(tx, lead)
    if due_at is not None:
        set_timer(tx, FIRST_CONTACT, str(lead.id), due_at, {"assignment_id": str(assignment.id)})
    else:
        # Whoever had it before promises nothing any more.
        cancel_timer(tx, FIRST_CONTACT, str(lead.id))


def traits_of(lead: Lead) -> LeadTraits:
    """What rules look at in a lead."""
    about = lead.details
    return LeadTraits(
        customer=Traits(about.country, about.postal_code, about.industry, about.company_size),
        source=lead.origin.source,
        campaign=lead.origin.campaign,
        language=about.language,
        score=lead.score,
        company_id=about.company_id,
    )
