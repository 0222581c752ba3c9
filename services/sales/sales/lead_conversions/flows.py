"""Where contacts has to be asked first: who a lead is, before the transaction that converts it."""

from __future__ import annotations

from uuid import UUID

from chassis.context import Caller
from chassis.domain import Forbidden, Invalid
from chassis.http.call import Call
from chassis.storage.scope import Scope
from sales.lead_conversions.customers import Customers
from sales.lead_conversions.domain import Customer, Found, KeptBack
from sales.lead_conversions.models import ConversionIn
from sales.lead_conversions.operations import Consents, OpportunityPlan, Outcome
from sales.leads.domain import Lead
from sales.leads.queries import within_reach
from sales.opportunities.api import WRITE as WRITE_OPPORTUNITIES
from sales.transaction import SalesTx

_WRITE_CONSENTS = "contacts.consents.write"


def ask_who_it_is(
    call: Call[SalesTx],
    customers: Customers,
    lead_id: UUID,
    body: ConversionIn,
    plan: OpportunityPlan | None,
) -> Outcome | None:
    """Who a lead is in contacts, entered where nobody is known; None for one that was converted.

    What contacts has entered stays when the conversion then fails: it is known by the lead's id, and
    the next attempt finds it. Raises `NotFound`, `Invalid`, `Conflict`, `Forbidden`,
    `PreconditionFailed`, `Unavailable`.
    """
    if plan is not None and call.caller.reach(WRITE_OPPORTUNITIES) is None:
        message = f"An opportunity needs the permission {WRITE_OPPORTUNITIES}."
        raise Forbidden(message, code="permission_missing")
    call.check_headers()
    lead: Lead = call.read(within_reach, lead_id)
    call.check_version(lead)
    if lead.is_converted:
        return None
    lead.require_open()
    asking = _Asking(call.caller, customers, lead, body)
    company, person = asking.company(), asking.person()
    if person is None and company is None:
        message = "Nothing says who the lead is: it needs a name, an e-mail, a number or a company."
        raise Invalid.at("/person_id", "nobody", message)
    if person is None:
        return Outcome(lead, person, company, asking.owner_id)
    if company is not None:
        customers.employ(call.caller, person.id, company.id, lead.details.job_title)
    return Outcome(lead, person, company, asking.owner_id, asking.consents(person.id))


class _Asking:
    """One lead, whom contacts is asked about."""

    def __init__(
        self, caller: Caller, customers: Customers, lead: Lead, body: ConversionIn
    ) -> None:
        self._caller, self._customers, self._lead, self._body = caller, customers, lead, body
        self.owner_id = body.owner_id or lead.details.owner_id or caller.user_id

    def person(self) -> Customer | None:
        about, body = self._lead.details, self._body
        chosen = body.person_id or (None if body.new_person else about.person_id)
        if chosen is not None:
            person_id = self._customers.known_person(self._caller, chosen)
            return Customer(person_id, Found.CHOSEN)
        if not (about.given_name or about.family_name or about.email or about.phone):
            return None
        return self._customers.person_of(
            self._caller, self._lead, self.owner_id, new=body.new_person
        )

    def company(self) -> Customer | None:
        about, body = self._lead.details, self._body
        chosen = body.company_id or (None if body.new_company else about.company_id)
        if chosen is not None:
            company_id = self._customers.known_company(self._caller, chosen)
            return Customer(company_id, Found.CHOSEN)
        if not about.company_name.strip():
            return None
        return self._customers.company_of(
            self._caller, self._lead, self.owner_id, new=body.new_company
        )

    def consents(self, person_id: UUID) -> Consents:
        """Which sayings may be passed on once the lead is converted.

        What a form has heard is the form's to tell. What somebody has entered counts as said by
        whoever converts the lead, who has to be one who may write the person's consents.
        """
        sayings = self._lead.consents
        kept = {place for place, one in enumerate(sayings) if not one.is_of_form}
        if kept and self._may_write_consents(person_id):
            kept.clear()
        return Consents(
            tuple(place for place in range(len(sayings)) if place not in kept),
            tuple(
                KeptBack(sayings[place].purpose, sayings[place].channel, "permission_missing")
                for place in sorted(kept)
            ),
        )

    def _may_write_consents(self, person_id: UUID) -> bool:
        scope = Scope.under(self._caller, _WRITE_CONSENTS)
        if scope.owners is None or not scope.owners:
            return scope.owners is None
        return scope.allows(self._customers.owner_of(self._caller, person_id))
