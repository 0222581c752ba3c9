"""What a tenant sets about the freshness of its leads, and how leads are taken from the pool."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Forbidden
from chassis.storage.scope import Scope
from sales.lead_assignments.promises import take_over_promise
from sales.lead_freshness.domain import FreshnessLimits, LeadFreshnessSettings, StaleRule
from sales.lead_reviews.operations import have_all_reviewed, look_again
from sales.leads.domain import Lead
from sales.transaction import SalesTx

READ_LEADS = "sales.leads.read"
"""What shows leads that are somebody's."""


def change_settings(
    tx: SalesTx, limits: FreshnessLimits, rules: tuple[StaleRule, ...]
) -> LeadFreshnessSettings:
    """Have other limits and rules hold; all open leads are looked at again. Raises `Invalid`."""
    settings = tx.lead_freshness.own()
    tx.require_version(settings)
    settings.change(limits, rules, tx.clock.now())
    if settings.recorded:
        have_all_reviewed(tx)
    return settings


def claim_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    """Take a lead from the pool for the caller; of two at once, one has it.

    Raises `NotFound`, `Forbidden` for a caller that is no user, `Conflict` once somebody has it.
    """
    user_id = tx.caller.user_id
    if user_id is None:
        message = "Only a user can claim a lead; an app gives it an owner instead."
        raise Forbidden(message, code="user_needed")
    lead = tx.leads.of_the_pool(lead_id, Scope.under(tx.caller, READ_LEADS))
    lead.claim(user_id, tx.clock.now())
    take_over_promise(tx, lead, None)
    look_again(tx, lead)
    return lead
