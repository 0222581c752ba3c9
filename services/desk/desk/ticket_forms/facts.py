"""Facts about forms of tickets to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.ticket_forms.domain import (
    TicketFormArchived,
    TicketFormChanged,
    TicketFormDefined,
    TicketFormRestored,
    TicketSubmissionQuarantined,
    TicketSubmissionReviewed,
)
from rapport.desk.events.v1 import definition_events_pb2 as events


def _defined(fact: TicketFormDefined) -> events.TicketFormDefined:
    form = fact.form
    return events.TicketFormDefined(form_id=str(form.id), key=form.key, defined_at=moment(fact.at))


def _changed(fact: TicketFormChanged) -> events.TicketFormChanged:
    form = fact.form
    return events.TicketFormChanged(form_id=str(form.id), key=form.key, changed_at=moment(fact.at))


def _archived(fact: TicketFormArchived) -> events.TicketFormArchived:
    form = fact.form
    return events.TicketFormArchived(
        form_id=str(form.id), key=form.key, archived_at=moment(fact.at)
    )


def _restored(fact: TicketFormRestored) -> events.TicketFormRestored:
    form = fact.form
    return events.TicketFormRestored(
        form_id=str(form.id), key=form.key, restored_at=moment(fact.at)
    )


def _quarantined(fact: TicketSubmissionQuarantined) -> events.TicketSubmissionQuarantined:
    held = fact.submission
    return events.TicketSubmissionQuarantined(
        submission_id=str(held.id),
        form_id=str(held.ticket_form_id),
        reasons=held.reasons,
        received_at=moment(held.received_at),
    )


def _reviewed(fact: TicketSubmissionReviewed) -> events.TicketSubmissionReviewed:
    held = fact.submission
    return events.TicketSubmissionReviewed(
        submission_id=str(held.id),
        form_id=str(held.ticket_form_id),
        ticket_id=id_or_none(held.ticket_id),
        reviewed_at=moment(fact.at),
    )


TICKET_FORM_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TicketFormDefined: _defined,
    TicketFormChanged: _changed,
    TicketFormArchived: _archived,
    TicketFormRestored: _restored,
    TicketSubmissionQuarantined: _quarantined,
    TicketSubmissionReviewed: _reviewed,
}
