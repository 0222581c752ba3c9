"""Facts about complaints to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.complaints.domain import (
    ComplaintChanged,
    ComplaintClosed,
    ComplaintFact,
    ComplaintPrevented,
    ComplaintRecorded,
    ComplaintReopened,
    ComplaintWithdrawn,
)
from desk.encoding import id_or_none, moment, money_or_none
from rapport.desk.events.v1 import complaint_events_pb2 as events
from rapport.desk.v1 import complaint_pb2


def _recorded(fact: ComplaintRecorded) -> events.ComplaintRecorded:
    return events.ComplaintRecorded(
        **_about(fact), recorded_at=moment(fact.at), person_id=id_or_none(fact.person_id)
    )


def _changed(fact: ComplaintChanged) -> events.ComplaintChanged:
    return events.ComplaintChanged(
        **_about(fact), changed_fields=fact.changed_fields, changed_at=moment(fact.at)
    )


def _closed(fact: ComplaintClosed) -> events.ComplaintClosed:
    return events.ComplaintClosed(**_about(fact), actor=fact.actor, closed_at=moment(fact.at))


def _reopened(fact: ComplaintReopened) -> events.ComplaintReopened:
    return events.ComplaintReopened(**_about(fact), reopened_at=moment(fact.at))


def _withdrawn(fact: ComplaintWithdrawn) -> events.ComplaintWithdrawn:
    return events.ComplaintWithdrawn(**_about(fact), withdrawn_at=moment(fact.at))


def _prevented(fact: ComplaintPrevented) -> events.ComplaintPrevented:
    return events.ComplaintPrevented(**_about(fact), prevented_at=moment(fact.at))


def _about(fact: ComplaintFact) -> dict[str, Any]:
    complaint, found = fact.complaint, fact.findings
    told = complaint_pb2.Complaint(
        complaint_id=str(complaint.id),
        ticket_id=str(complaint.ticket_id),
        status=fact.status,
        category=found.category,
        severity=found.severity,
        product_sku=found.product_sku,
        process=found.process,
        cause=found.cause,
        remedy=found.remedy,
        cost=money_or_none(found.cost),
        opened_at=moment(complaint.opened_at),
        prevention_owner_id=id_or_none(found.prevention.owner_id),
        prevented=complaint.prevented_at is not None,
    )
    return {"complaint_id": str(complaint.id), "complaint": told}


COMPLAINT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ComplaintRecorded: _recorded,
    ComplaintChanged: _changed,
    ComplaintClosed: _closed,
    ComplaintReopened: _reopened,
    ComplaintWithdrawn: _withdrawn,
    ComplaintPrevented: _prevented,
}
