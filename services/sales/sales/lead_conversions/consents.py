"""Passes on what converted leads have said about consent: after the commit, until contacts answers.

Contacts is asked in the service's name, by a job: whether whoever converted the lead may do so was
decided before (`flows.py`), and what a form has heard is the form's to tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.context import Caller, service_caller
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.jobs import JobRun, start_job
from chassis.work.timers import Timer, set_timer
from sales.lead_conversions.customers import Customers
from sales.lead_conversions.domain import KeptBack
from sales.lead_conversions.storage import conversion_of, keep_passed_on
from sales.leads.domain import Lead
from sales.leads.queries import within_reach
from sales.transaction import SalesTx

PASS_CONSENTS_ON = "pass_consents_on"  # noqa: S105 - the kind of a job
CONSENTS_WAIT = "lead_consents"
_ASK_AGAIN = timedelta(hours=6)
"""A job tries for more than an hour; what it has not done by then another one does."""


def have_passed_on(tx: SalesTx, lead_id: UUID, places: Sequence[int]) -> None:
    """Have these of a lead's sayings passed on once this transaction has committed."""
    start_job(tx, PASS_CONSENTS_ON, {"lead_id": str(lead_id), "sayings": list(places)})
    again_at = tx.clock.now() + _ASK_AGAIN
    set_timer(tx, CONSENTS_WAIT, str(lead_id), again_at, {"sayings": list(places)})


def consents_still_wait(tx: SalesTx, timer: Timer) -> None:
    """Begin anew with what was not passed on, unless it was."""
    conversion = conversion_of(tx, UUID(timer.key))
    if conversion is not None and conversion.consents_passed_on_at is None:
        have_passed_on(tx, conversion.lead_id, timer.data["sayings"])


@dataclass(frozen=True, slots=True)
class ConsentsPassing:
    """The handler of the job: asks contacts saying by saying, then notes how it went."""

    operations: Operations[SalesTx]
    customers: Customers
    service: str

    def __call__(self, run: JobRun) -> Mapping[str, Any]:
        """Raises `Unavailable` while contacts does not answer: then the job is tried again.

        A second time does nothing: contacts takes the same saying once.
        """
        lead_id = UUID(run.arguments["lead_id"])
        caller = service_caller(self.service, run.tenant_id)
        if self.operations.read(caller, EVERYTHING, _is_passed_on, lead_id):
            return {}
        lead = self.operations.read(caller, EVERYTHING, within_reach, lead_id)
        kept_back = self._pass_on(run, lead, caller)
        self.operations.transact(
            run.caller, EVERYTHING, run.kind, lambda tx: keep_passed_on(tx, lead_id, kept_back)
        )
        return {"kept_back": len(kept_back)}

    def _pass_on(self, run: JobRun, lead: Lead, caller: Caller) -> list[KeptBack]:
        """Tell contacts, saying by saying; gives those that it does not take."""
        person_id, kept_back = lead.details.person_id, list[KeptBack]()
        if person_id is None:
            return kept_back  # whoever was erased has nothing to say any more
        for place in run.arguments["sayings"]:
            run.check()
            saying = lead.consents[place]
            reason = self.customers.pass_on(caller, person_id, lead.id, saying)
            if reason:
                kept_back.append(KeptBack(saying.purpose, saying.channel, reason))
        return kept_back


def _is_passed_on(reading: Reading, lead_id: UUID) -> bool:
    conversion = conversion_of(reading, lead_id)
    return conversion is None or conversion.consents_passed_on_at is not None
