"""Counts what sales itself says has happened: rows for analytics, kept by facts alone (SA-15).

Facts come late, twice and out of order. Each fact about an opportunity says where it stands
altogether, so that the one with the greatest version holds, and which entry into which stage that
is, so that each adds its entry whatever came before. What is said of a lead but once is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.sales.events.v1 import lead_events_pb2 as lead_events
from rapport.sales.events.v1 import opportunity_events_pb2 as opportunity_events
from rapport.sales.events.v1.activity_events_pb2 import ActivityCompleted
from rapport.sales.v1.lead_pb2 import LeadHeader
from rapport.sales.v1.opportunity_pb2 import OpportunityHeader


class AboutOpportunity(Protocol):
    """A fact that says where an opportunity stands."""

    @property
    def opportunity(self) -> OpportunityHeader:
        """Where it stands."""
        ...


class AboutLead(Protocol):
    """A fact that says whose a lead is."""

    @property
    def lead(self) -> LeadHeader:
        """Whose it is."""
        ...


def on_any_opportunity_fact(tx: UnitOfWork, fact: AboutOpportunity, envelope: Envelope) -> None:
    """Count the opportunity as it stands, unless something later was said before; and its entry."""
    header = fact.opportunity
    if not header.entry:
        return  # said by a version that did not tell yet; counted from the records instead
    about = {"tenant_id": tx.tenant_id, "opportunity_id": UUID(header.opportunity_id)}
    tx.write(_OPPORTUNITY, {**about, "version": envelope.aggregate_version, **_standing(header)})
    entry = {
        "number": header.entry,
        "stage": header.stage,
        "entered_at": _moment(header.entered_at),
    }
    tx.write(_ENTRY, {**about, **entry})


def on_activity_completed(tx: UnitOfWork, fact: ActivityCompleted, _envelope: Envelope) -> None:
    """Count what was done; it stays as it is."""
    header = fact.activity
    values = {
        "tenant_id": tx.tenant_id,
        "activity_id": UUID(fact.activity_id),
        "kind": header.kind,
        "opportunity_id": _id(header, "opportunity_id"),
        "lead_id": _id(header, "lead_id"),
        "owner_id": _id(header, "owner_id"),
        "outcome": fact.outcome,
        "minutes": fact.minutes,
        "completed_at": _moment(fact.completed_at),
    }
    tx.write(_ACTIVITY, values)


def on_any_lead_fact(tx: UnitOfWork, fact: AboutLead, envelope: Envelope) -> None:
    """Count the lead as whose it is, and what this fact alone says of it."""
    header = fact.lead
    values: dict[str, Any] = {
        "tenant_id": tx.tenant_id,
        "lead_id": UUID(header.lead_id),
        "version": envelope.aggregate_version,
        "owner_id": _id(header, "owner_id"),
        "source": header.origin.source,
        "campaign": header.origin.campaign,
        "captured_at": None,
        "contacted_at": None,
        "converted_at": None,
        "credited_source": "",
        "credited_campaign": "",
    }
    match fact:
        case lead_events.LeadCaptured():
            values["captured_at"] = _moment(fact.captured_at)
        case lead_events.LeadFirstContacted():
            values["contacted_at"] = _moment(fact.contacted_at)
        case lead_events.LeadConverted():
            values["converted_at"] = _moment(fact.converted_at)
            values["credited_source"] = fact.credited.source
            values["credited_campaign"] = fact.credited.campaign
    tx.write(_LEAD, values)


def count_by_facts(reactions: Reactions) -> Reactions:
    """React to all that sales says of what analytics count; gives the same."""
    for message in _told_with(opportunity_events, OpportunityHeader):
        reactions.on(message, on_any_opportunity_fact, "projection")
    for message in _told_with(lead_events, LeadHeader):
        reactions.on(message, on_any_lead_fact, "projection")
    reactions.on(ActivityCompleted, on_activity_completed, "projection")
    return reactions


def _told_with(module: Any, header: Any) -> list[Any]:
    """The facts of a contract that carry this header: new ones are counted as they come."""
    return [
        getattr(module, name)
        for name, message in module.DESCRIPTOR.message_types_by_name.items()
        if any(one.message_type is header.DESCRIPTOR for one in message.fields)
    ]


def _standing(header: OpportunityHeader) -> dict[str, Any]:
    amount = Decimal(header.base_amount.amount) if header.HasField("base_amount") else None
    return {
        "pipeline_id": UUID(header.pipeline_id),
        "state": header.state,
        "owner_id": _id(header, "owner_id"),
        "base_amount": amount,
        "source": header.source,
        "channel": header.channel,
        "branch": header.branch,
        "industry": header.industry,
        "product_ids": [UUID(one) for one in header.product_ids],
        "loss_reason": header.loss_reason,
        "opened_at": _moment(header.opened_at),
        "closed_at": _moment(header.closed_at) if header.HasField("closed_at") else None,
        "lead_id": _id(header, "lead_id"),
    }


def _id(header: Any, name: str) -> UUID | None:
    return UUID(getattr(header, name)) if header.HasField(name) else None


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


_OPPORTUNITY = Statement(
    """
    INSERT INTO counted_opportunities AS known
        (tenant_id, opportunity_id, version, pipeline_id, state, owner_id, base_amount, source,
         channel, branch, industry, product_ids, loss_reason, opened_at, closed_at, lead_id)
    VALUES (%(tenant_id)s, %(opportunity_id)s, %(version)s, %(pipeline_id)s, %(state)s,
        %(owner_id)s, %(base_amount)s, %(source)s, %(channel)s, %(branch)s, %(industry)s,
        %(product_ids)s, %(loss_reason)s, %(opened_at)s, %(closed_at)s, %(lead_id)s)
    ON CONFLICT (tenant_id, opportunity_id) DO UPDATE SET version = excluded.version,
        pipeline_id = excluded.pipeline_id, state = excluded.state,
        owner_id = excluded.owner_id, base_amount = excluded.base_amount,
        source = excluded.source, channel = excluded.channel, branch = excluded.branch,
        industry = excluded.industry, product_ids = excluded.product_ids,
        loss_reason = excluded.loss_reason, opened_at = excluded.opened_at,
        closed_at = excluded.closed_at, lead_id = excluded.lead_id
    WHERE known.version < excluded.version
    """
)
_ENTRY = Statement(
    "INSERT INTO counted_entries (tenant_id, opportunity_id, number, stage, entered_at)"
    " VALUES (%(tenant_id)s, %(opportunity_id)s, %(number)s, %(stage)s, %(entered_at)s)"
    " ON CONFLICT DO NOTHING"
)
_ACTIVITY = Statement(
    "INSERT INTO counted_activities (tenant_id, activity_id, kind, opportunity_id, lead_id,"
    " owner_id, outcome, minutes, completed_at)"
    " VALUES (%(tenant_id)s, %(activity_id)s, %(kind)s, %(opportunity_id)s, %(lead_id)s,"
    " %(owner_id)s, %(outcome)s, %(minutes)s, %(completed_at)s) ON CONFLICT DO NOTHING"
)
_LATER = "CASE WHEN known.version < excluded.version THEN excluded.{0} ELSE known.{0} END"
_AT_CONVERSION = "CASE WHEN known.converted_at IS NULL THEN excluded.{0} ELSE known.{0} END"
_LEAD = Statement(
    f"""
    INSERT INTO counted_leads AS known
        (tenant_id, lead_id, version, owner_id, source, campaign, captured_at, contacted_at,
         converted_at, credited_source, credited_campaign)
    VALUES (%(tenant_id)s, %(lead_id)s, %(version)s, %(owner_id)s, %(source)s, %(campaign)s,
        %(captured_at)s, %(contacted_at)s, %(converted_at)s, %(credited_source)s,
        %(credited_campaign)s)
    ON CONFLICT (tenant_id, lead_id) DO UPDATE SET
        version = greatest(known.version, excluded.version),
        owner_id = {_LATER.format("owner_id")},
        source = {_LATER.format("source")},
        campaign = {_LATER.format("campaign")},
        captured_at = coalesce(known.captured_at, excluded.captured_at),
        contacted_at = coalesce(known.contacted_at, excluded.contacted_at),
        converted_at = coalesce(known.converted_at, excluded.converted_at),
        credited_source = {_AT_CONVERSION.format("credited_source")},
        credited_campaign = {_AT_CONVERSION.format("credited_campaign")}
    """  # noqa: S608 - columns of our own
)
