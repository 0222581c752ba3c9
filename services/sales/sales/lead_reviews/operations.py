"""Looks at leads again: when they change, when time alone does, and all of them when the rules do."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.statements import Statement
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.lead_assignments.promises import end_promise
from sales.lead_facts.domain import Freshness
from sales.lead_freshness.domain import StaleAction
from sales.leads.domain import Lead
from sales.playbooks.calling import call_playbooks
from sales.scoring_rules.scoring import score_of
from sales.scoring_rules.subjects import subject_of
from sales.transaction import SalesTx

LEAD_REVIEW = "lead_review"
"""When time alone changes a lead's score or its freshness."""
LEADS_REVIEW = "leads_review"
"""All leads of a tenant, after its rules have changed; a batch each time."""
_ALL = "all"
_BATCH = 100


def look_again(tx: SalesTx, lead: Lead) -> None:
    """Score a lead, see how fresh it is, and come back when time alone changes either.

    One that has just become stale is dealt with by the tenant's rules. Whoever calls has the lead
    locked.
    """
    was_stale = lead.freshness is Freshness.STALE
    _measure(tx, lead)
    if lead.freshness is Freshness.STALE and not was_stale:
        _deal_with_stale(tx, lead)
    call_playbooks(tx, lead)


def time_has_passed(tx: SalesTx, timer: Timer) -> None:
    """Look at a lead again whose score or freshness time alone has changed."""
    for lead in tx.leads.get_many([UUID(timer.key)]):
        look_again(tx, lead)


def have_all_reviewed(tx: SalesTx) -> None:
    """Look at all leads again once this transaction commits: what they are measured by changes."""
    # The timer first: a batch at work has its row, and wants the standards.
    set_timer(tx, LEADS_REVIEW, _ALL, tx.clock.now())
    tx.lead_standards.change_alone()


def review_leads(tx: SalesTx, timer: Timer) -> None:
    """Look at the next leads again, and come back for those after them.

    Leads that are stale already are dealt with, too: there may be a rule for them now.
    """
    tx.bulk = True
    lead_ids = _open_after(tx, timer.data.get("after"))
    for lead in tx.leads.get_many(lead_ids):
        _measure(tx, lead)
        if lead.freshness is Freshness.STALE:
            _deal_with_stale(tx, lead)
        call_playbooks(tx, lead)
    if len(lead_ids) == _BATCH:
        set_timer(tx, LEADS_REVIEW, _ALL, tx.clock.now(), {"after": str(lead_ids[-1])})


def _measure(tx: SalesTx, lead: Lead) -> None:
    key = str(lead.id)
    if not lead.is_open:
        cancel_timer(tx, LEAD_REVIEW, key)
        return
    now, standards = tx.clock.now(), tx.lead_standards.in_force()
    tx.flush()
    score = score_of(standards.rules, subject_of(tx, lead, standards.rules, now), now)
    lead.rate(score.total)
    limits = standards.settings.limits
    lead.age(limits.freshness(lead.fresh_since, now), limits.stale_at(lead.fresh_since))
    changes = (score.until, limits.next_change(lead.fresh_since, now))
    following = min((at for at in changes if at is not None), default=None)
    if following is None:
        cancel_timer(tx, LEAD_REVIEW, key)
    else:
        set_timer(tx, LEAD_REVIEW, key, following)


def _deal_with_stale(tx: SalesTx, lead: Lead) -> None:
    rule = tx.lead_standards.in_force().settings.fitting(lead)
    if rule is None or not lead.is_open:
        return
    if rule.action is StaleAction.RECYCLE:
        lead.recycle(tx.clock.now())
        end_promise(tx, lead)
    elif rule.action is StaleAction.ARCHIVE:
        lead.archive(tx.clock.now())
        cancel_timer(tx, LEAD_REVIEW, str(lead.id))


def _open_after(tx: SalesTx, after: str | None) -> list[UUID]:
    about = {
        "tenant_id": tx.tenant_id,
        "after": UUID(int=0) if after is None else UUID(after),
        "most": _BATCH,
    }
    return [row["id"] for row in tx.fetch_all(_OPEN_AFTER, about)]


_OPEN_AFTER = Statement(
    "SELECT id FROM leads WHERE tenant_id = %(tenant_id)s AND id > %(after)s AND state = 'open'"
    " ORDER BY id LIMIT %(most)s"
)
