"""Recorded facts of notifications to protobuf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.events.outbox import FactEncoder
from notifications.inbox.facts import INBOX_FACTS
from notifications.message_facts import domain as messages
from notifications.policies import domain as policies
from notifications.providers import domain as providers
from notifications.push.facts import PUSH_FACTS
from notifications.rules.facts import RULE_FACTS
from notifications.suppressions import domain as suppressions
from notifications.templates.facts import TEMPLATE_FACTS
from notifications.webhooks import domain as webhooks
from rapport.notifications.events.v1 import delivery_events_pb2 as delivery_events
from rapport.notifications.events.v1 import message_events_pb2 as message_events
from rapport.notifications.events.v1 import webhook_events_pb2 as webhook_events


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _about(about: messages.About) -> dict[str, Any]:
    """What all facts about messages have."""
    return {
        "message_id": str(about.message_id),
        "person_id": _text(about.person_id),
        "user_id": _text(about.user_id),
        "channel": about.channel,
        "purpose": about.purpose,
        "template": about.template,
    }


def _asked(about: messages.About) -> dict[str, Any]:
    """The same, with what services know their requests by; others' own names for theirs stay here."""
    try:
        return {**_about(about), "request_id": str(UUID(about.request_id or ""))}
    except ValueError:
        return _about(about)


def _queued(fact: messages.MessageQueued) -> message_events.MessageQueued:
    return message_events.MessageQueued(**_asked(fact.about))


def _sent(fact: messages.MessageSent) -> message_events.MessageSent:
    return message_events.MessageSent(**_asked(fact.about))


def _delivered(fact: messages.MessageDelivered) -> message_events.MessageDelivered:
    return message_events.MessageDelivered(**_asked(fact.about))


def _held_back(fact: messages.MessageHeldBack) -> message_events.MessageHeldBack:
    return message_events.MessageHeldBack(**_asked(fact.about), reason=fact.reason)


def _failed(fact: messages.MessageFailed) -> message_events.MessageFailed:
    return message_events.MessageFailed(**_asked(fact.about), reason=fact.reason)


def _uncertain(fact: messages.MessageUncertain) -> message_events.MessageUncertain:
    return message_events.MessageUncertain(**_asked(fact.about))


def _cancelled(fact: messages.MessageCancelled) -> message_events.MessageCancelled:
    return message_events.MessageCancelled(**_asked(fact.about))


def _digested(fact: messages.MessageDigested) -> message_events.MessageDigested:
    return message_events.MessageDigested(**_asked(fact.about), into_message_id=str(fact.into))


def _bounced(fact: messages.MessageBounced) -> message_events.MessageBounced:
    return message_events.MessageBounced(
        **_asked(fact.about), permanent=fact.permanent, contact_point_id=fact.contact_point_id
    )


def _address_restored(fact: messages.AddressRestored) -> message_events.AddressRestored:
    return message_events.AddressRestored(
        **_about(fact.about), contact_point_id=fact.contact_point_id
    )


def _complained(fact: messages.MessageComplained) -> message_events.MessageComplained:
    return message_events.MessageComplained(
        **_asked(fact.about), contact_point_id=fact.contact_point_id
    )


def _opened(fact: messages.MessageOpened) -> message_events.MessageOpened:
    return message_events.MessageOpened(**_about(fact.about))


def _clicked(fact: messages.MessageClicked) -> message_events.MessageClicked:
    return message_events.MessageClicked(**_about(fact.about), url=fact.url)


def _unsubscribed(fact: suppressions.Unsubscribed) -> message_events.Unsubscribed:
    return message_events.Unsubscribed(
        person_id=str(fact.person_id),
        purpose=fact.scope.purpose,
        channel=fact.scope.channel,
        message_id=_text(fact.message_id),
    )


def _suppressed(fact: suppressions.RecipientSuppressed) -> delivery_events.RecipientSuppressed:
    return delivery_events.RecipientSuppressed(
        person_id=_text(fact.person_id),
        purpose=fact.scope.purpose,
        channel=fact.scope.channel,
        everything=fact.scope.everything,
        reason=fact.reason,
    )


def _lifted(fact: suppressions.SuppressionLifted) -> delivery_events.SuppressionLifted:
    return delivery_events.SuppressionLifted(
        person_id=_text(fact.person_id), purpose=fact.scope.purpose, channel=fact.scope.channel
    )


def _provider_defined(fact: providers.ProviderDefined) -> delivery_events.ProviderDefined:
    settings = fact.settings
    return delivery_events.ProviderDefined(
        provider_id=str(fact.provider_id),
        name=settings.name,
        kind=settings.kind,
        channel=settings.channel,
        position=settings.position,
        enabled=settings.enabled,
    )


def _provider_removed(fact: providers.ProviderRemoved) -> delivery_events.ProviderRemoved:
    return delivery_events.ProviderRemoved(provider_id=str(fact.provider_id))


def _policy_defined(
    fact: policies.DeliveryPolicyDefined,
) -> delivery_events.DeliveryPolicyDefined:
    return delivery_events.DeliveryPolicyDefined(
        policy_id=str(fact.policy_id), channel=fact.channel, purpose=fact.purpose
    )


def _policy_removed(
    fact: policies.DeliveryPolicyRemoved,
) -> delivery_events.DeliveryPolicyRemoved:
    return delivery_events.DeliveryPolicyRemoved(policy_id=str(fact.policy_id))


_OF_MESSAGES: dict[type[Any], Callable[[Any], Any]] = {
    messages.MessageQueued: _queued,
    messages.MessageSent: _sent,
    messages.MessageDelivered: _delivered,
    messages.MessageHeldBack: _held_back,
    messages.MessageFailed: _failed,
    messages.MessageUncertain: _uncertain,
    messages.MessageCancelled: _cancelled,
    messages.MessageDigested: _digested,
    messages.MessageBounced: _bounced,
    messages.AddressRestored: _address_restored,
    messages.MessageComplained: _complained,
    messages.MessageOpened: _opened,
    messages.MessageClicked: _clicked,
    suppressions.Unsubscribed: _unsubscribed,
    suppressions.RecipientSuppressed: _suppressed,
    suppressions.SuppressionLifted: _lifted,
    providers.ProviderDefined: _provider_defined,
    providers.ProviderRemoved: _provider_removed,
    policies.DeliveryPolicyDefined: _policy_defined,
    policies.DeliveryPolicyRemoved: _policy_removed,
}

_DISABLED = {
    reason: webhook_events.WebhookDisabledReason.Value(f"WEBHOOK_DISABLED_REASON_{reason.upper()}")
    for reason in webhooks.DisabledReason
}


def _webhook_changed(
    fact: webhooks.WebhookEndpointChanged,
) -> webhook_events.WebhookEndpointChanged:
    return webhook_events.WebhookEndpointChanged(
        endpoint_id=str(fact.endpoint_id),
        changed_fields=list(fact.changed_fields),
        types=list(fact.types),
    )


def _webhook_disabled(
    fact: webhooks.WebhookEndpointDisabled,
) -> webhook_events.WebhookEndpointDisabled:
    return webhook_events.WebhookEndpointDisabled(
        endpoint_id=str(fact.endpoint_id),
        reason=_DISABLED[fact.reason],
        owner_user_id=_text(fact.owner_user_id),
    )


_OF_WEBHOOKS: dict[type[Any], Callable[[Any], Any]] = {
    webhooks.WebhookEndpointRegistered: lambda fact: webhook_events.WebhookEndpointRegistered(
        endpoint_id=str(fact.endpoint_id), types=list(fact.types)
    ),
    webhooks.WebhookEndpointChanged: _webhook_changed,
    webhooks.WebhookEndpointDisabled: _webhook_disabled,
    webhooks.WebhookEndpointEnabled: lambda fact: webhook_events.WebhookEndpointEnabled(
        endpoint_id=str(fact.endpoint_id)
    ),
    webhooks.WebhookEndpointRemoved: lambda fact: webhook_events.WebhookEndpointRemoved(
        endpoint_id=str(fact.endpoint_id)
    ),
}

ENCODER = FactEncoder(
    {
        **_OF_MESSAGES,
        **_OF_WEBHOOKS,
        **INBOX_FACTS,
        **TEMPLATE_FACTS,
        **RULE_FACTS,
        **PUSH_FACTS,
    }
)
