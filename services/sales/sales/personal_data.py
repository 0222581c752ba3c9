"""What sales keeps of people, table by table, for whoever asks what is known of them (CO-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.personal_data.kept import Kept, by, of
from chassis.personal_data.rpc import Contract, personal_data_service
from rapport.common.v1 import personal_data_service_pb2 as messages
from rapport.common.v1 import personal_data_service_pb2_grpc as stubs

_PERSON = by("person_id")
_OF_LEAD = of("lead_id", "leads")
_OF_OPPORTUNITY = of("opportunity_id", "opportunities")

KEPT: Sequence[Kept] = (
    Kept("order", "orders", _PERSON),
    Kept(
        "order_external_id",
        "order_external_ids",
        of("order_id", "orders"),
        key=("order_id", "system", "id"),
    ),
    Kept("opportunity", "opportunities", _PERSON),
    Kept(
        "opportunity_entry",
        "opportunity_entries",
        _OF_OPPORTUNITY,
        key=("opportunity_id", "number"),
    ),
    Kept("comment", "comments", _OF_OPPORTUNITY),
    Kept("comment_wording", "comment_wordings", _OF_OPPORTUNITY, key=("comment_id", "number")),
    Kept("shared_document", "shared_documents", _OF_OPPORTUNITY),
    Kept("involvement", "involvements", _PERSON),
    Kept("approval_request", "approval_requests", _OF_OPPORTUNITY),
    Kept("lead", "leads", _PERSON),
    Kept("lead_assessment", "lead_assessments", _OF_LEAD),
    Kept("lead_assignment", "lead_assignments", _OF_LEAD),
    Kept("lead_conversion", "lead_conversions", _OF_LEAD, key=("lead_id",)),
    Kept("lead_consents_passed_on", "lead_consents_passed_on", _OF_LEAD, key=("lead_id",)),
    Kept("lead_external_id", "lead_external_ids", _OF_LEAD, key=("system", "id")),
    Kept("lead_touch", "lead_touches", _OF_LEAD),
    Kept("form_submission", "form_submissions", _OF_LEAD),
    Kept("customer_group_member", "customer_group_members", _PERSON),
    Kept("quote", "quotes", _PERSON),
    Kept("quote_version", "quote_versions", (_PERSON, of("quote_id", "quotes"))),
    Kept("subscription", "subscriptions", _PERSON),
    Kept(
        "subscription_movement",
        "subscription_movements",
        of("subscription_id", "subscriptions"),
        key=("subscription_id", "number"),
    ),
    Kept("activity", "activities", (_PERSON, _OF_LEAD, _OF_OPPORTUNITY)),
    Kept(
        "counted_activity",
        "counted_activities",
        (_OF_LEAD, _OF_OPPORTUNITY, of("activity_id", "activities")),
        key=("activity_id",),
    ),
)
"""In the order in which it is told."""

NOT_TOLD: Mapping[str, str] = {
    "person_merges": "who was merged with whom is told by contacts, which decides it",
    "counted_entries": "numbers of reports, made of the entries of opportunities",
    "counted_leads": "numbers of reports, made of the leads",
    "counted_opportunities": "numbers of reports, made of the opportunities",
    "lead_terms": "words to find leads by, made of the leads",
    "lead_playbook_starts": "which plans of work were begun; the work itself is told as activities",
    "opportunity_members": "which colleagues work together",
}
"""Tables that name what is told, and are not told themselves, and why; a test holds that all others are."""

PERSONAL_DATA = personal_data_service(
    Contract(messages, stubs.add_PersonalDataServiceServicer_to_server), KEPT
)
