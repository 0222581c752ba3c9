"""What notifications keeps of people, table by table, for whoever asks what is known of them (CO-12).

Addresses are kept sealed or as fingerprints here, and are contacts' to tell. What templates were filled with is
left out, as in the API: there are codes among it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.personal_data.kept import Kept, by, hanging_on, of
from chassis.personal_data.rpc import Contract, personal_data_service
from rapport.common.v1 import personal_data_service_pb2 as messages
from rapport.common.v1 import personal_data_service_pb2_grpc as stubs

_PERSON = by("person_id")
_OF_MESSAGE = of("message_id", "messages")
_TOLD = (
    "(m.user_id IS NOT NULL AND m.cause IN (SELECT f.id::text FROM feed_facts f"
    " WHERE f.tenant_id = %(tenant_id)s AND (f.aggregate_id = ANY(%(ids)s)"
    " OR EXISTS (SELECT 1 FROM unnest(%(ids)s::uuid[]) AS one (id)"
    " WHERE position(one.id::text IN f.data::text) > 0))))"
)
"""Messages to users that rules made of facts that mention these people, as when somebody is erased."""
_TO_USERS = hanging_on("message_id", "messages m", _TOLD, "m.id")

KEPT: Sequence[Kept] = (
    Kept(
        "message",
        "messages",
        _PERSON,
        without=frozenset({"address", "fingerprint", "variables", "content"}),
    ),
    Kept("message_body", "message_bodies", (_OF_MESSAGE, _TO_USERS), key=("message_id",)),
    Kept(
        "message_attempt",
        "message_attempts",
        _OF_MESSAGE,
        key=("message_id", "number"),
        without=frozenset({"idempotency_key"}),
    ),
    Kept(
        "message_click",
        "message_clicks",
        _OF_MESSAGE,
        key=("message_id", "link"),
        without=frozenset({"link"}),  # a digest
    ),
    Kept("letter", "letters", of("id", "messages")),
    Kept("inbox_entry", "inbox_entries", _TO_USERS),
    Kept("suppression", "suppressions", _PERSON, without=frozenset({"fingerprint"})),
    Kept(
        "push_subscription",
        "push_subscriptions",
        _PERSON,
        without=frozenset({"fingerprint", "sealed"}),
    ),
    Kept(
        "rule_firing",
        "rule_firings",
        (by("recipient_id"), by("subject_id")),
        key=("rule_id", "recipient_id", "subject_id"),
    ),
    Kept(
        "cap_use",
        "cap_uses",
        by("recipient"),
        key=("recipient", "channel", "purpose", "used_at", "message_id"),
    ),
    Kept(
        "known_recipient",
        "known_recipients",
        _PERSON,
        key=("person_id", "channel", "contact_point_id"),
        without=frozenset({"sealed"}),
    ),
)
"""In the order in which it is told."""

NOT_TOLD: Mapping[str, str] = {
    "erased_people": "of those who are gone that they are",
    "feed_facts": "copies of the facts of thirty days; whoever says them tells what they are about",
    "webhook_deliveries": "copies of the same facts, and to which of the tenant's apps they went",
    "message_queue": "which message is next",
}
"""Tables that name people or what is told, and are not told themselves, and why; a test holds that all others are."""

PERSONAL_DATA = personal_data_service(
    Contract(messages, stubs.add_PersonalDataServiceServicer_to_server), KEPT
)
