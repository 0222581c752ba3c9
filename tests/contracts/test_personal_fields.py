"""Every field of a fact that could name a person says so, or is known to hold nothing of the kind (CO-12)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from rapport.common.v1 import fact_pb2
from rapport.common.v1.external_id_pb2 import ExternalId

from .test_fact_catalogue import on_the_bus

WORDS = {
    "changed_fields": "names of fields",
    "filters": "names of parameters",
    "channel": "one of the platform's words",
    "kind": "a key that the tenant has defined",
    "key": "a key that the tenant has defined",
    "choice_keys": "keys that the tenant has defined",
    "purpose": "the key of a purpose",
    "purposes": "keys of purposes",
    "asks_for": "the name of a field",
    "template": "the key of a template",
    "fact_type": "the name of a type",
    "types": "names of types",
    "scopes": "permissions",
    "permission": "a permission",
    "format": "one of the platform's words",
    "content_type": "the media type of a file",
    "auto_submitted": "a word of RFC 3834",
    "reason": "a key or one of the platform's words; what people write has another name",
    "currency": "a currency",
    "base_currency": "a currency",
    "amount": "a sum of money",
    "rate": "a number",
    "number": "the number of a document",
    "serial_numbers": "numbers of things",
    "sku": "the key of a product",
    "category": "a key that the tenant has defined",
    "branch": "a key that the tenant has defined",
    "quantity": "a number",
    "stage": "a key that the tenant has defined",
    "from_stage": "a key that the tenant has defined",
    "stages": "keys that the tenant has defined",
    "steps": "keys that the tenant has defined",
    "question": "a key that the tenant has defined",
    "questions": "keys that the tenant has defined",
    "answer": "a key that the tenant has defined",
    "rules": "keys that the tenant has defined",
    "freshness": "one of the platform's words",
    "previous_freshness": "one of the platform's words",
    "outcome": "a key that the tenant has defined",
    "expected_close_on": "a day",
    "roles": "words of the platform",
    "attitude": "one of the platform's words",
    "timeline_kind": "one of the platform's words",
    "term_starts_on": "a day",
    "product_sku": "the key of a product",
    "product_skus": "keys of products",
    "service_sku": "the key of a product",
    "serial_number": "the number of a thing",
    "bought_on": "a day",
    "warranty_until": "a day",
    "starts_on": "a day",
    "period_starts_on": "a day",
    "ends_on": "a day",
    "moved_on": "a day",
    "resumes_on": "a day",
    "valid_from": "the day of a rate",
    "valid_until": "a day",
    "first_on": "a day",
    "last_on": "a day",
    "group_key": "a key that the tenant has defined",
    "started_on": "the day of an employment",
    "ended_on": "the day of an employment",
    "kid": "the public name of a signing key",
    "locale": "a language",
    "time_zone": "a time zone",
}
"""Fields of these names hold this wherever they are."""
NOT_OF_PEOPLE = {
    "rapport.desk.v1.TicketHeader.language": "a language",
    "rapport.desk.v1.TicketHeader.priority": "one of our words",
    "rapport.desk.v1.TicketHeader.status": "one of our words",
    "rapport.desk.v1.TicketHeader.tags": "marks of a ticket, in the tenant's own words",
    "rapport.desk.v1.TicketHeader.type": "one of our words",
    "rapport.desk.events.v1.TicketOpened.follow_up_of": "the id of a ticket",
    "rapport.desk.events.v1.TicketOpened.opened_by": "a user by id",
    "rapport.desk.events.v1.TicketAssigned.cause": "one of our words",
    "rapport.desk.events.v1.TicketChanged.previous_priority": "one of our words",
    "rapport.desk.events.v1.TicketChanged.previous_type": "one of our words",
    "rapport.desk.events.v1.TicketClosed.cause": "one of our words",
    "rapport.desk.events.v1.TicketReopened.cause": "one of our words",
    "rapport.desk.events.v1.TicketResolved.actor": "a user or an app by id",
    "rapport.desk.events.v1.TicketStatusChanged.cause": "one of our words",
    "rapport.desk.events.v1.TicketStatusChanged.from_status": "one of our words",
    "rapport.desk.events.v1.TicketStatusChanged.to_status": "one of our words",
    "rapport.desk.events.v1.TicketSubmissionQuarantined.reasons": "some of our words",
    "rapport.desk.events.v1.DeskSettingsChanged.broken_promise_priority": "one of our words",
    "rapport.desk.events.v1.DeskSettingsChanged.default_language": "a language",
    "rapport.desk.events.v1.DeskSettingsChanged.number_prefix": "what numbers begin with",
    "rapport.desk.v1.BusinessCalendar.name": "the name of a calendar",
    "rapport.desk.v1.ServiceLevel.name": "the name of a policy",
    "rapport.desk.v1.Promise.contact_by": "one of our words",
    "rapport.desk.v1.Promise.status": "one of our words",
    "rapport.desk.v1.Complaint.status": "one of our words",
    "rapport.desk.events.v1.ComplaintClosed.actor": "an id behind a word",
    "rapport.desk.v1.Complaint.category": "the tenant's own word for a kind of complaints",
    "rapport.desk.v1.Complaint.severity": "one of our words",
    "rapport.desk.v1.Complaint.process": "the tenant's own word for one of its processes",
    "rapport.desk.v1.Complaint.cause": "the key of a root cause",
    "rapport.desk.v1.Complaint.remedy": "one of our words",
    "rapport.desk.events.v1.ComplaintsRepeated.dimension": "one of our words",
    "rapport.desk.events.v1.ComplaintsRepeated.value": "what a product, a cause or a process is called by",
    "rapport.desk.events.v1.ComplaintsSubsided.dimension": "one of our words",
    "rapport.desk.events.v1.ComplaintsSubsided.value": "what a product, a cause or a process is called by",
    "rapport.desk.events.v1.PromiseKept.kept_by": "one of our words",
    "rapport.desk.events.v1.ServiceLevelWarned.target": "one of our words",
    "rapport.desk.events.v1.ServiceLevelBreached.target": "one of our words",
    "rapport.desk.events.v1.ServiceLevelMet.target": "one of our words",
    "rapport.desk.events.v1.AgentStatusChanged.from_status": "one of our words",
    "rapport.desk.events.v1.AgentStatusChanged.to_status": "one of our words",
    "rapport.desk.events.v1.QueueChanged.method": "one of our words",
    "rapport.desk.events.v1.QueueCreated.method": "one of our words",
    "rapport.desk.events.v1.RoutingRuleDefined.raise_priority_to": "one of our words",
    "rapport.desk.events.v1.RoutingSettingsChanged.waiting_tickets": "one of our words",
    "rapport.desk.events.v1.MacroCreated.sharing": "one of our words",
    "rapport.desk.events.v1.MacroChanged.sharing": "one of our words",
    "rapport.desk.events.v1.TriggerDefined.events": "some of our words",
    "rapport.desk.events.v1.TriggerFired.event": "one of our words",
    "rapport.desk.events.v1.TimeRuleDefined.since": "one of our words",
    "rapport.desk.events.v1.TicketAlertRaised.source": "one of our words",
    "rapport.desk.events.v1.TicketRouted.missing": "names of services",
    "rapport.desk.events.v1.TicketRouted.previous_priority": "one of our words",
    "rapport.identity.events.v1.RoleDefined.name": "the name of a role",
    "rapport.identity.events.v1.TeamPlaced.name": "the name of a team",
    "rapport.identity.events.v1.ClientRegistered.name": "the name of an app",
    "rapport.identity.events.v1.ClientChanged.name": "the name of an app",
    "rapport.identity.events.v1.TenantCreated.name": "the name of an organisation",
    "rapport.identity.events.v1.TenantChanged.name": "the name of an organisation",
    "rapport.notifications.events.v1.ProviderDefined.name": "the name of a provider",
    "rapport.contacts.events.v1.CompanyCreated.external_ids": "ids of a company",
    "rapport.sales.v1.OrderLine.name": "the name of a product",
    "rapport.sales.v1.OpportunityHeader.source": "a source, in the tenant's own words",
    "rapport.sales.v1.OpportunityHeader.channel": "a sales channel of the tenant",
    "rapport.sales.v1.OpportunityHeader.branch": "a branch of the tenant",
    "rapport.sales.v1.OpportunityHeader.industry": "an industry, in the tenant's own words",
    "rapport.sales.v1.OpportunityHeader.loss_reason": "the key of a reason",
    "rapport.sales.v1.OpportunityHeader.state": "one of our words",
    "rapport.sales.events.v1.OpportunityMemberJoined.role": "the key of what a user does",
    "rapport.sales.events.v1.OpportunityMemberRoleChanged.role": "the key of what a user does",
    "rapport.sales.events.v1.OpportunityMemberRoleChanged.previous_role": "the same of before",
    "rapport.sales.v1.LeadOrigin.source": "a source, in the tenant's own words",
    "rapport.sales.v1.LeadOrigin.campaign": "a campaign of the tenant",
    "rapport.sales.v1.LeadOrigin.landing_page": "a page of the tenant",
    "rapport.sales.v1.LeadOrigin.variant": "a variant of a page of the tenant",
    "rapport.sales.events.v1.LeadCaptured.touch": "one of our words",
    "rapport.sales.events.v1.LeadTouched.touch": "one of our words",
    "rapport.sales.events.v1.LeadFirstContacted.contact": "one of our words",
    "rapport.sales.events.v1.AbsenceEntered.first_day": "a day",
    "rapport.sales.events.v1.AbsenceEntered.last_day": "a day",
    "rapport.sales.events.v1.AssignmentRuleDefined.method": "one of our words",
    "rapport.sales.events.v1.LeadLeftUnassigned.reason": "one of our words",
    "rapport.sales.events.v1.WebFormDefined.source": "a source, in the tenant's own words",
    "rapport.sales.events.v1.WebFormDefined.campaign": "a campaign of the tenant",
    "rapport.sales.events.v1.FormSubmissionQuarantined.reasons": "some of our words",
    "rapport.sales.events.v1.ForecastSettingsChanged.cadence": "one of our words",
    "rapport.sales.events.v1.ForecastSettingsChanged.lengths": "some of our words",
    "rapport.sales.events.v1.ForecastAdjusted.forecast_category": "one of our words",
    "rapport.sales.v1.OpportunityHeader.forecast_category": "one of our words",
    "rapport.sales.v1.Quota.measure": "one of our words",
    "rapport.sales.events.v1.OrderPlaced.external_ids": "ids of an order, which stays without person",
    "rapport.loyalty.events.v1.OccasionDefined.date_kind": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.OccasionChanged.status": "one of our words",
    "rapport.loyalty.events.v1.OccasionReached.date_kind": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.EngagementBandChanged.from_band": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.EngagementBandChanged.to_band": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.EngagementBandChanged.score": "a number",
    "rapport.loyalty.events.v1.RetentionDefinitionChanged.drift_factor": "a number",
    "rapport.loyalty.events.v1.RetentionDefinitionChanged.lapse_factor": "a number",
    "rapport.loyalty.events.v1.MemberDrifted.value_band": "one of our words",
    "rapport.loyalty.events.v1.MemberLapsed.value_band": "one of our words",
    "rapport.loyalty.events.v1.MemberLapsed.timing": "one of our words",
    "rapport.loyalty.events.v1.MemberLapsed.order_reason": "the key of a reason",
    "rapport.loyalty.events.v1.MemberReturned.from_state": "one of our words",
    "rapport.loyalty.events.v1.ReferralRewarded.side": "one of our words",
    "rapport.loyalty.events.v1.ActivityAttended.venue": "one of our words",
    "rapport.loyalty.v1.CouponPool.NameEntry.value": "the name of a pool of coupons",
    "rapport.loyalty.v1.CouponPool.campaign": "a campaign of the tenant",
    "rapport.loyalty.v1.CouponPool.benefit": "one of our words",
    "rapport.loyalty.v1.CouponPool.state": "one of our words",
    "rapport.loyalty.v1.CouponUse.campaign": "a campaign of the tenant",
    "rapport.loyalty.v1.CouponUse.order_reference": "the number of an order",
    "rapport.loyalty.events.v1.CouponIssued.cause": "one of our words",
    "rapport.loyalty.events.v1.CouponUseUndone.cause": "one of our words",
    "rapport.loyalty.v1.Reward.NameEntry.value": "the name of a reward",
    "rapport.loyalty.v1.Reward.fulfilment": "one of our words",
    "rapport.loyalty.v1.Reward.state": "one of our words",
    "rapport.loyalty.v1.Redemption.RewardNameEntry.value": "the name of a reward",
    "rapport.loyalty.v1.Redemption.fulfilment": "one of our words",
    "rapport.loyalty.events.v1.AdjustmentApplied.approved_by": "a user or an app by id",
    "rapport.loyalty.events.v1.MemberEnrolled.source": "one of our words",
    "rapport.loyalty.events.v1.TierEndangered.tier": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.TierGrantEnded.tier": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.TierGranted.tier": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.TierLost.cause": "one of our words",
    "rapport.loyalty.events.v1.TierLost.previous_tier": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.TierLost.tier": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.TierReached.cause": "one of our words",
    "rapport.loyalty.events.v1.TierReached.previous_tier": "a key that the tenant has defined",
    "rapport.loyalty.events.v1.TierReached.tier": "a key that the tenant has defined",
    "rapport.loyalty.v1.Adjustment.asked_by": "a user or an app by id",
    "rapport.loyalty.v1.EarningRule.gives": "one of our words",
    "rapport.loyalty.v1.EarningRule.name": "the name of a rule",
    "rapport.loyalty.v1.EarningRule.status": "one of our words",
    "rapport.loyalty.v1.EarningRule.trigger": "one of our words",
    "rapport.loyalty.v1.PointsCause.reference": "the number of an order",
    "rapport.loyalty.v1.Program.name": "the name of a program",
    "rapport.loyalty.v1.Program.point_value": "a number",
    "rapport.loyalty.v1.Program.redeem_until": "a day",
    "rapport.loyalty.v1.Program.status": "one of our words",
    "rapport.loyalty.v1.Tier.threshold": "a number",
    "rapport.loyalty.v1.TierScheme.by": "one of our words",
    "rapport.loyalty.v1.TierScheme.window": "one of our words",
    "rapport.loyalty.v1.VelocityReview.act": "one of our words",
    "rapport.loyalty.v1.VelocityReview.response": "one of our words",
    "rapport.loyalty.v1.VelocityReview.subject": "the id of a member, a coupon or an actor",
    "rapport.loyalty.v1.VelocityRule.act": "one of our words",
    "rapport.loyalty.v1.VelocityRule.measure": "one of our words",
    "rapport.loyalty.v1.VelocityRule.response": "one of our words",
    "rapport.loyalty.v1.VelocityRule.scope": "one of our words",
    "rapport.desk.v1.ArticleHeader.status": "one of our words",
    "rapport.desk.v1.ArticleHeader.visibility": "one of our words",
    "rapport.desk.v1.ArticleHeader.tags": "marks of an article",
    "rapport.desk.events.v1.ArticlePublished.languages": "languages",
    "rapport.desk.events.v1.ArticleFeedbackGiven.language": "a language",
    "rapport.desk.events.v1.AssetModelDefined.registration": "one of our words",
    "rapport.desk.events.v1.AssetModelChanged.registration": "one of our words",
    "rapport.desk.v1.AssetHeader.status": "one of our words",
    "rapport.desk.events.v1.AssetAdded.source": "one of our words",
    "rapport.desk.events.v1.AssetTransferred.cause": "one of our words",
    "rapport.desk.v1.EntitlementHeader.status": "one of our words",
    "rapport.desk.events.v1.EntitlementAdded.source": "one of our words",
    "rapport.desk.events.v1.EntitlementEnded.cause": "one of our words",
}
"""Looked at one by one."""
TEXTS = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}
OPEN = {"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.Any"}
EXTERNAL_ID = "rapport.common.v1.ExternalId"
IDS = ("_id", "_ids")


def is_personal(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[fact_pb2.personal])


def may_name_somebody(field: FieldDescriptor) -> bool:
    """Text, or a message of any content, that is not one of our own ids."""
    inner = field.message_type
    if inner is not None:
        return inner.full_name in OPEN or inner.full_name == EXTERNAL_ID
    return field.type in TEXTS and not field.name.endswith(IDS)


def fields_within(descriptor: Descriptor) -> Iterator[FieldDescriptor]:
    """A message's fields and those of its own messages; what is personal is not looked into."""
    for field in descriptor.fields:
        yield field
        inner = field.message_type
        if inner is None or may_name_somebody(field):
            continue
        if inner.full_name.startswith("rapport."):
            yield from fields_within(inner)


def undeclared(descriptor: Descriptor) -> list[str]:
    return [
        field.full_name
        for field in fields_within(descriptor)
        if may_name_somebody(field)
        and not is_personal(field)
        and field.name not in WORDS
        and field.full_name not in NOT_OF_PEOPLE
    ]


@pytest.mark.parametrize("descriptor", on_the_bus(), ids=lambda each: each.full_name)
def test_every_field_that_could_name_a_person_is_declared(descriptor: Descriptor) -> None:
    assert undeclared(descriptor) == [], (
        "mark it (rapport.common.v1.personal), or say what it holds"
    )


def test_what_is_known_to_be_harmless_is_there_and_is_not_called_personal() -> None:
    fields = {each.full_name: each for one in on_the_bus() for each in fields_within(one)}
    ours = {name for name in NOT_OF_PEOPLE if not name.startswith("rapport.sales.")}
    assert ours - set(fields) == set()
    assert [n for n in NOT_OF_PEOPLE if n in fields and is_personal(fields[n])] == []


def test_the_fields_that_are_personal_are_the_ones_we_know_of() -> None:
    """So that taking the mark from a field is noticed as well."""
    found = {
        each.full_name for one in on_the_bus() for each in fields_within(one) if is_personal(each)
    }
    assert found >= {
        "rapport.contacts.events.v1.PersonCreated.source",
        "rapport.contacts.events.v1.PersonCreated.external_ids",
        "rapport.contacts.events.v1.ConsentGranted.source",
        "rapport.contacts.events.v1.ConsentWithdrawn.source",
        "rapport.notifications.events.v1.MessageClicked.url",
        "rapport.notifications.v1.MessageRequest.variables",
    }


def test_a_new_field_of_text_is_noticed() -> None:
    assert undeclared(ExternalId.DESCRIPTOR) == [
        "rapport.common.v1.ExternalId.system",
        "rapport.common.v1.ExternalId.id",
    ]
