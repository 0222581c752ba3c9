"""Facts about who got which lead to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import assignment_events_pb2 as events
from sales.encoding import id_or_none, moment, moment_or_none
from sales.lead_assignments.domain import (
    LeadAssigned,
    LeadFirstContactMissed,
    LeadFirstContactPromised,
    LeadFirstContactPromiseEnded,
    LeadLeftUnassigned,
)
from sales.leads.facts import lead_header


def _assigned(fact: LeadAssigned) -> events.LeadAssigned:
    one = fact.assignment
    return events.LeadAssigned(
        assignment_id=str(one.id),
        lead=lead_header(fact.standing),
        previous_owner_id=id_or_none(one.previous_owner_id),
        assignment_rule_id=str(one.assignment_rule_id),
        territory_id=id_or_none(one.territory_id),
        contact_due_at=moment_or_none(one.contact_due_at),
        assigned_at=moment(one.assigned_at),
    )


def _left_in_pool(fact: LeadLeftUnassigned) -> events.LeadLeftUnassigned:
    one = fact.assignment
    return events.LeadLeftUnassigned(
        assignment_id=str(one.id),
        lead=lead_header(fact.standing),
        previous_owner_id=id_or_none(one.previous_owner_id),
        reason=one.reason or "",
        at=moment(one.assigned_at),
    )


def _missed(fact: LeadFirstContactMissed) -> events.LeadFirstContactMissed:
    one = fact.assignment
    return events.LeadFirstContactMissed(
        assignment_id=str(one.id),
        lead=lead_header(fact.standing),
        promised_by_user_id=str(one.owner_id),
        assignment_rule_id=str(one.assignment_rule_id),
        contact_due_at=moment_or_none(one.contact_due_at),
        missed=fact.missed,
    )


def _promised(fact: LeadFirstContactPromised) -> events.LeadFirstContactPromised:
    one = fact.assignment
    return events.LeadFirstContactPromised(
        assignment_id=str(one.id),
        lead=lead_header(fact.standing),
        assignment_rule_id=str(one.assignment_rule_id),
        contact_due_at=moment_or_none(one.contact_due_at),
    )


def _promise_ended(fact: LeadFirstContactPromiseEnded) -> events.LeadFirstContactPromiseEnded:
    one = fact.assignment
    return events.LeadFirstContactPromiseEnded(
        assignment_id=str(one.id),
        lead=lead_header(fact.standing),
        promised_by_user_id=str(one.owner_id),
        contact_due_at=moment_or_none(one.contact_due_at),
        ended_at=moment_or_none(one.promise_ended_at),
    )


LEAD_ASSIGNMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    LeadAssigned: _assigned,
    LeadLeftUnassigned: _left_in_pool,
    LeadFirstContactMissed: _missed,
    LeadFirstContactPromised: _promised,
    LeadFirstContactPromiseEnded: _promise_ended,
}
