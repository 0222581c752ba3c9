"""Leads over REST."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import orjson
from flask import Response

from chassis.domain import DomainError, Invalid
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch, each_apart
from chassis.http.body import validate
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.leads import operations, queries
from sales.leads.domain import Lead
from sales.leads.models import (
    ImportedLeadIn,
    KnownLeadIn,
    LeadIn,
    LeadOut,
    LeadPatch,
    LeadsBatchIn,
    LeadsImportIn,
    TouchIn,
    TouchOut,
    changes_of,
    details_in,
    encounter_in,
    external_ids_in,
    shown,
)
from sales.orders.domain import ExternalId
from sales.orders.models import ExternalIdIn
from sales.transaction import SalesTx

READ = "sales.leads.read"
WRITE = "sales.leads.write"
ERASE = "sales.erasures.write"

leads = Routes("/v1/sales/leads", tag="leads")


@leads.get("", permission=READ, listing=queries.LEADS, returns=LeadOut)
def list_leads(call: Call[SalesTx], listing: Listing) -> Reply:
    """List leads, the latest first unless asked otherwise; archived ones when their state is named."""
    return Reply(call.read(queries.list_leads, listing))


@leads.post("", permission=WRITE, body=LeadIn, returns=LeadOut, status=201, problems=(409,))
def capture_lead(call: Call[SalesTx], body: LeadIn) -> Response:
    """Capture a lead with its first touch."""
    return call.run(lambda tx: operations.Captured(_capture(tx, body)), _captured)


@leads.post("/batch", permission=WRITE, body=LeadsBatchIn, body_limit=BATCH_BODY, returns=BatchOut)
def capture_leads(call: Call[SalesTx], body: LeadsBatchIn) -> Response:
    """Capture up to 1,000 leads, each answered in its place; with `atomic` all or none."""
    return answer_batch(call, body, LeadIn, _capture_each)


@leads.post(
    "/import", permission=WRITE, body=LeadsImportIn, body_limit=BATCH_BODY, returns=BatchOut
)
def import_leads(call: Call[SalesTx], body: LeadsImportIn) -> Response:
    """Take over up to 1,000 leads of another system, each answered in its place.

    By its external id a lead is captured once, with a touch of the kind `import` (201); of one that is
    there, what is mentioned changes (200). The same import may be sent again. With `atomic` all or none.
    """

    def take_over(tx: SalesTx, items: Sequence[ImportedLeadIn | DomainError]) -> list[Outcome]:
        tx.leads.lock_system(body.system)
        return each_apart(tx, items, partial(_take_over, tx, body.system))

    return answer_batch(call, body, ImportedLeadIn, take_over)


@leads.get("/<uuid:lead_id>", permission=READ, returns=LeadOut)
def get_lead(call: Call[SalesTx], lead_id: UUID) -> Reply:
    """Get a lead."""
    lead = call.read(queries.get_lead, lead_id)
    return Reply(lead, version=lead["version"])


@leads.get(
    "/by-external-id/<system>/<path:external_id>", permission=READ, returns=LeadOut, problems=(422,)
)
def get_lead_by_external_id(call: Call[SalesTx], system: str, external_id: str) -> Reply:
    """Get a lead by what another system calls it."""
    lead = call.read(queries.get_lead_by_external_id, _key(system, external_id))
    return Reply(lead, version=lead["version"])


@leads.put(
    "/by-external-id/<system>/<path:external_id>",
    permission=WRITE,
    body=KnownLeadIn,
    returns=LeadOut,
    conditional=True,
    problems=(409,),
)
def capture_lead_once(
    call: Call[SalesTx], body: KnownLeadIn, system: str, external_id: str
) -> Response:
    """Capture the lead with this external id, or change what is mentioned of the one that has it.

    201 with `Location` for a new one. Of one that is there, its first touch stays as it was.
    """
    key = _key(system, external_id)
    return call.run(
        lambda tx: operations.capture_lead_once(
            tx, key, details_in(body), changes_of(body), encounter_in(body, tx.clock.now())
        ),
        _captured,
    )


@leads.patch("/<uuid:lead_id>", permission=WRITE, body=LeadPatch, returns=LeadOut, problems=(409,))
def change_lead(call: Call[SalesTx], body: LeadPatch, lead_id: UUID) -> Response:
    """Change what is mentioned of a lead; where it came from first stays."""
    changes = changes_of(body)
    return call.run(lambda tx: operations.change_lead(tx, lead_id, changes), _shown)


@leads.delete("/<uuid:lead_id>", permission=WRITE)
def archive_lead(call: Call[SalesTx], lead_id: UUID) -> Response:
    """Archive a lead."""
    return call.run(
        lambda tx: operations.archive_lead(tx, lead_id), lambda _tx, _lead: Reply.nothing()
    )


@leads.post("/<uuid:lead_id>/restore", permission=WRITE, returns=LeadOut, conditional=True)
def restore_lead(call: Call[SalesTx], lead_id: UUID) -> Response:
    """Go on with an archived lead."""
    return call.run(lambda tx: operations.restore_lead(tx, lead_id), _shown)


@leads.post(
    "/<uuid:lead_id>/erase", permission=ERASE, returns=LeadOut, conditional=True, problems=(409,)
)
def erase_lead(call: Call[SalesTx], lead_id: UUID) -> Response:
    """Erase who a lead is: names, addresses, texts, what it is found by; for ever.

    Dates, origin and what was said about consent stay. A lead that is a person of contacts is erased
    with the person, and a 409 says so.
    """
    return call.run(lambda tx: operations.erase_lead(tx, lead_id), _shown)


@leads.get("/<uuid:lead_id>/touches", permission=READ, listing=queries.TOUCHES, returns=TouchOut)
def list_touches(call: Call[SalesTx], listing: Listing, lead_id: UUID) -> Reply:
    """List a lead's touches, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_touches, listing, lead_id))


@leads.post(
    "/<uuid:lead_id>/touches",
    permission=WRITE,
    body=TouchIn,
    returns=LeadOut,
    conditional=True,
    problems=(409,),
)
def touch_lead(call: Call[SalesTx], body: TouchIn, lead_id: UUID) -> Response:
    """Note a touch, with what was said about consent in it."""
    return call.run(
        lambda tx: operations.touch_lead(tx, lead_id, encounter_in(body, tx.clock.now())), _shown
    )


def _capture(tx: SalesTx, body: LeadIn) -> Lead:
    encounter = encounter_in(body, tx.clock.now())
    return operations.capture_lead(tx, details_in(body), encounter, external_ids_in(body))


def _capture_each(tx: SalesTx, items: Sequence[LeadIn | DomainError]) -> list[Outcome]:
    def capture(item: LeadIn) -> Done:
        lead = _capture(tx, item)
        return Done(201, {"id": lead.id, "version": lead.version})

    return each_apart(tx, items, capture)


def _take_over(tx: SalesTx, system: str, item: ImportedLeadIn) -> Done:
    key, encounter = ExternalId(system, item.external_id), encounter_in(item, tx.clock.now())
    captured = operations.capture_lead_once(tx, key, details_in(item), changes_of(item), encounter)
    tx.flush()
    lead = captured.lead
    return Done(201 if captured.new else 200, {"id": lead.id, "version": lead.version})


def _captured(_tx: SalesTx, captured: operations.Captured) -> Reply:
    lead = captured.lead
    if captured.new:
        return Reply.created(f"{leads.prefix}/{lead.id}", shown(lead), lead.version)
    return Reply(shown(lead), version=lead.version)


def _shown(_tx: SalesTx, lead: Lead) -> Reply:
    return Reply(shown(lead), version=lead.version)


def _key(system: str, external_id: str) -> ExternalId:
    """The external id that a path names. Raises a 422 problem for one that none can be."""
    for pointer, text in (("system", system), ("external_id", external_id)):
        if "\x00" in text:
            raise Invalid.at(pointer, "contains_nul", "It contains the character U+0000.")
    given = validate(ExternalIdIn, orjson.dumps({"system": system, "id": external_id}))
    return ExternalId(given.system, given.id)
