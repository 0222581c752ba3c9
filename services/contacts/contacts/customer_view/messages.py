"""Views of customers as other services are told them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from contacts.customer_view.parts import Part, View
from contacts.recognition.messages import company_message
from rapport.common.v1.money_pb2 import Money
from rapport.contacts.v1 import customer_view_pb2 as messages
from rapport.contacts.v1.contacts_service_pb2 import Person
from rapport.contacts.v1.customer_view_service_pb2 import GetCustomerViewResponse


def view_message(view: View, person: Person) -> GetCustomerViewResponse:
    """The view on the wire; what others have told goes on as it came."""
    company = view.who.company
    return GetCustomerViewResponse(
        person=person,
        last_seen_at=_moment(view.who.last_seen_at),
        company=None if company is None else company_message(company),
        view=messages.CustomerView(
            consents=[messages.AllowedPurpose(**one) for one in view.own.consents or ()],
            timeline=map(_entry, view.own.timeline or ()),
            missing=[
                messages.MissingPart(part=one.part, reason=one.reason) for one in view.missing
            ],
            contact_points=map(_contact_point, view.own.contact_points),
            **_told(view),
        ),
    )


def _told(view: View) -> Mapping[str, Any]:
    told: dict[Part, Any] = {part: one.message for part, one in view.told.items()}
    found: dict[str, Any] = {}
    if Part.SALES in told:
        found["sales"] = told[Part.SALES].summary
    if Part.TICKETS in told:
        found["tickets"] = told[Part.TICKETS]
    if Part.LOYALTY in told:
        found["loyalty"] = told[Part.LOYALTY]
    if Part.MESSAGES in told:
        found["messages"] = told[Part.MESSAGES].messages
    return found


def _entry(row: Mapping[str, Any]) -> messages.TimelineEntry:
    return messages.TimelineEntry(
        entry_id=str(row["id"]),
        occurred_at=_moment(row["occurred_at"]),
        record_id=str(row["record_id"]),
        value=None if row["value"] is None else Money(**row["value"]),
        **{name: row[name] for name in ("kind", "channel", "service")},
    )


def _contact_point(one: Mapping[str, Any]) -> messages.KnownContactPoint:
    return messages.KnownContactPoint(
        **{name: one[name] for name in ("kind", "value", "status", "primary")}
    )


def _moment(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
