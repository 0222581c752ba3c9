"""Conditions are checked against the fact's fields when they are saved, and hold as they say."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from notifications.rules.conditions import checked
from notifications.rules.fields import fields_of, values_of
from rapport.contacts.events.v1.consent_events_pb2 import ConsentGranted
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.contacts.events.v1.person_events_pb2 import PersonChanged, PersonCreated
from rapport.contacts.v1.lifecycle_stage_pb2 import LifecycleStage

BOUGHT = InteractionRecorded(interaction_id="i", person_id="p", kind="purchase", channel="shop")
BOUGHT.occurred_at.FromJsonString("2026-03-01T10:00:00Z")
BOUGHT.value.amount, BOUGHT.value.currency = "1250.50", "TWD"
CHANGED = PersonChanged(
    person_id="p",
    changed_fields=["emails", "lifecycle_stage"],
    lifecycle_stage=LifecycleStage.LIFECYCLE_STAGE_CUSTOMER,
)
CREATED = PersonCreated(person_id="p", source="spring fair")
for system, number in (("erp", "1"), ("shop", "7")):
    CREATED.external_ids.add(system=system, id=number)


def descriptor_of(fact: Message | type[Message]) -> Descriptor:
    """What fields a fact has."""
    return cast("Descriptor", fact.DESCRIPTOR)


def holds(condition: dict[str, Any], fact: Message) -> bool:
    """Whether a sound condition holds."""
    test, wrong = checked(condition, descriptor_of(fact))
    assert wrong == []
    return test(values_of(fact))


def compare(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    """A comparison."""
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("fact", "condition", "expected"),
    [
        (BOUGHT, {}, True),
        (BOUGHT, compare("kind", "is", "purchase"), True),
        (BOUGHT, compare("kind", "is_not", "purchase"), False),
        (BOUGHT, compare("kind", "in", ["review", "purchase"]), True),
        (BOUGHT, compare("kind", "not_in", ["review"]), True),
        (BOUGHT, compare("kind", "contains", "chase"), True),
        (BOUGHT, compare("kind", "starts_with", "chase"), False),
        (BOUGHT, compare("value.amount", "gte", 1250.5), True),
        (BOUGHT, compare("value.amount", "gt", "1250.50"), False),
        (BOUGHT, compare("value.amount", "is", 1250.5), True),
        (BOUGHT, compare("occurred_at", "lt", "2026-03-01T18:00:01+08:00"), True),
        (BOUGHT, compare("occurred_at", "lt", "2026-03-01T18:00:00+08:00"), False),
        (BOUGHT, compare("value", "exists", value=True), True),
        (InteractionRecorded(), compare("value.amount", "gte", 0), False),
        (InteractionRecorded(), compare("value", "exists", value=False), True),
        (InteractionRecorded(), compare("value.currency", "is_not", "TWD"), True),
        (CHANGED, compare("lifecycle_stage", "is", "customer"), True),
        (CHANGED, compare("changed_fields", "contains", "emails"), True),
        (CHANGED, compare("changed_fields", "contains", "email"), False),
        (CHANGED, compare("custom_fields.budget", "changed"), False),
        (CHANGED, compare("lifecycle_stage", "changed"), True),
        (CHANGED, compare("previous_lifecycle_stage", "exists", value=True), False),
        (CHANGED, compare("owner_id", "exists", value=False), True),
        (CREATED, compare("external_ids.system", "is", "shop"), True),
        (CREATED, compare("external_ids.system", "is_not", "shop"), False),
        (CREATED, compare("external_ids", "exists", value=True), True),
        (CREATED, {"not": compare("source", "is", "spring fair")}, False),
        (
            CREATED,
            {
                "any": [
                    compare("source", "is", "x"),
                    {
                        "all": [
                            compare("external_ids.id", "in", ["7"]),
                            {"not": compare("import_id", "exists", value=True)},
                        ]
                    },
                ]
            },
            True,
        ),
    ],
)
def test_a_condition_holds_as_it_says(
    fact: Message,
    condition: dict[str, Any],
    expected: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert holds(condition, fact) is expected


@pytest.mark.parametrize(
    ("condition", "pointer", "code"),
    [
        (compare("kid", "is", "x"), "/condition/field", "field_unknown"),
        (compare("value.amuont", "is", 1), "/condition/field", "field_unknown"),
        (compare("kind.x", "is", 1), "/condition/field", "field_unknown"),
        (compare("occurred_at.seconds", "gt", 1), "/condition/field", "field_unknown"),
        (compare("kind", "gte", "x"), "/condition/operator", "operator_unfit"),
        (compare("kind", "matches", "(a+)+$"), "/condition/operator", "operator_unknown"),
        (compare("value", "is", {}), "/condition/operator", "operator_unfit"),
        (compare("kind", "changed"), "/condition/operator", "operator_unfit"),
        (compare("kind", "is", 3), "/condition/value", "value_unfit"),
        (compare("kind", "is", None), "/condition/value", "value_unfit"),
        (compare("kind", "in", []), "/condition/value", "value_unfit"),
        (compare("kind", "in", ["a", 1]), "/condition/value/1", "value_unfit"),
        (compare("value.amount", "gt", "lots"), "/condition/value", "value_unfit"),
        (compare("value.amount", "gt", float("inf")), "/condition/value", "value_unfit"),
        (compare("occurred_at", "gt", "2026-03-01T10:00:00"), "/condition/value", "value_unfit"),
        (compare("value", "exists", "yes"), "/condition/value", "value_unfit"),
        ({"all": []}, "/condition/all", "condition_malformed"),
        ({"all": [{}], "any": [{}]}, "/condition", "condition_malformed"),
        ({"all": ["x"]}, "/condition/all/0", "condition_malformed"),
        ({"not": {"not": {"field": 1}}}, "/condition/not/not/field", "field_unknown"),
    ],
)
def test_a_condition_that_does_not_fit_the_fact_is_refused_at_its_place(
    condition: dict[str, Any], pointer: str, code: str
) -> None:
    _, wrong = checked(condition, descriptor_of(InteractionRecorded))
    assert [(one.pointer, one.code) for one in wrong] == [(pointer, code)]


def test_a_word_that_no_choice_has_is_refused_with_those_that_there_are() -> None:
    _, wrong = checked(compare("lifecycle_stage", "is", "client"), descriptor_of(PersonChanged))
    assert "customer" in wrong[0].message


def test_conditions_are_bounded_in_depth_and_size() -> None:
    deep: dict[str, Any] = compare("kind", "is", "x")
    for _ in range(30):
        deep = {"not": deep}
    _, wrong = checked(deep, descriptor_of(BOUGHT))
    assert [one.code for one in wrong] == ["condition_too_large"]
    wide = {"any": [compare("kind", "is", "x")] * 5_000}
    began = time.monotonic()
    _, wrong = checked(wide, descriptor_of(BOUGHT))
    assert {one.code for one in wrong} == {"condition_too_large"}
    assert time.monotonic() - began < 5


def test_fields_of_a_later_version_are_passed_over() -> None:
    unknown = b"\xfa\x3e\x05later"  # field 1007, of which this version knows nothing
    fact = InteractionRecorded.FromString(BOUGHT.SerializeToString() + unknown)
    assert values_of(fact) == values_of(BOUGHT)


def test_a_choice_of_a_later_version_equals_no_word() -> None:
    later = PersonChanged(lifecycle_stage=cast("Any", 99))
    assert not holds(compare("lifecycle_stage", "is", "customer"), later)
    assert holds(compare("lifecycle_stage", "is_not", "customer"), later)


def test_every_field_that_is_offered_can_be_used() -> None:
    for fact in (InteractionRecorded, PersonChanged, PersonCreated, ConsentGranted):
        for path, _kind in fields_of(descriptor_of(fact)):
            _, wrong = checked(compare(path, "exists", value=True), descriptor_of(fact))
            assert wrong == []
