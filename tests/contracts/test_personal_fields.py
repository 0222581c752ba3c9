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
    "template": "the key of a template",
    "fact_type": "the name of a type",
    "types": "names of types",
    "scopes": "permissions",
    "permission": "a permission",
    "format": "one of the platform's words",
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
