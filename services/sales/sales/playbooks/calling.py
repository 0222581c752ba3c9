"""Has playbooks begin for leads, apart from whatever has made the lead fit."""

from __future__ import annotations

from chassis.work.timers import set_timer
from sales.leads.domain import Lead
from sales.transaction import SalesTx

LEAD_PLAYBOOKS = "lead_playbooks"
"""When a lead has come to fit the conditions of a playbook: at once, in a transaction of its own."""


def call_playbooks(tx: SalesTx, lead: Lead) -> None:
    """Have the playbooks begin that a lead fits now and that have not begun for it."""
    if lead.is_open and tx.playbooks.fitting(lead):
        set_timer(tx, LEAD_PLAYBOOKS, str(lead.id), tx.clock.now())
