"""Facts about web forms and what they hold back to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import lead_events_pb2 as events
from sales.web_forms.domain import (
    FormSubmissionDropped,
    FormSubmissionQuarantined,
    FormSubmissionReleased,
    WebFormArchived,
    WebFormDefined,
    WebFormRestored,
)


def _defined(fact: WebFormDefined) -> events.WebFormDefined:
    definition = fact.definition
    return events.WebFormDefined(
        web_form_id=str(fact.web_form_id), source=definition.source, campaign=definition.campaign
    )


def _archived(fact: WebFormArchived) -> events.WebFormArchived:
    return events.WebFormArchived(web_form_id=str(fact.web_form_id))


def _restored(fact: WebFormRestored) -> events.WebFormRestored:
    return events.WebFormRestored(web_form_id=str(fact.web_form_id))


def _quarantined(fact: FormSubmissionQuarantined) -> events.FormSubmissionQuarantined:
    return events.FormSubmissionQuarantined(
        submission_id=str(fact.submission_id),
        web_form_id=str(fact.web_form_id),
        reasons=fact.reasons,
    )


def _released(fact: FormSubmissionReleased) -> events.FormSubmissionReleased:
    return events.FormSubmissionReleased(
        submission_id=str(fact.submission_id),
        web_form_id=str(fact.web_form_id),
        lead_id=str(fact.lead_id),
    )


def _dropped(fact: FormSubmissionDropped) -> events.FormSubmissionDropped:
    return events.FormSubmissionDropped(
        submission_id=str(fact.submission_id),
        web_form_id=str(fact.web_form_id),
        expired=fact.expired,
    )


WEB_FORM_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    WebFormDefined: _defined,
    WebFormArchived: _archived,
    WebFormRestored: _restored,
    FormSubmissionQuarantined: _quarantined,
    FormSubmissionReleased: _released,
    FormSubmissionDropped: _dropped,
}
