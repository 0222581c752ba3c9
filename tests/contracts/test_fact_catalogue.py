"""Every fact says who may be told of it and what it is about, and is documented where apps look."""

from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.message_factory import GetMessageClass

from chassis.events.message import outgoing
from chassis.events.outbox import BULK, INTERACTIVE
from chassis.events.unpublished import Row
from deploy.tools.generate_protos import PACKAGE, PROTOS, GenerationError, generate
from portal.asyncapi import asyncapi_document
from portal.facts import Facts
from rapport.common.v1 import fact_pb2

PERSON_EVENTS = "protos/rapport/contacts/events/v1/person_events.proto"
GROUPS = ("events", "requests")


def on_the_bus() -> list[Descriptor]:
    """The messages that the contracts put on the bus, as the generated code knows them."""
    found: list[Descriptor] = []
    for group in GROUPS:
        for path in sorted(PROTOS.glob(f"rapport/*/{group}/v*/*.proto")):
            module = path.relative_to(PROTOS).with_suffix("").as_posix().replace("/", ".")
            file: FileDescriptor = import_module(f"{module}_pb2").DESCRIPTOR
            found += file.message_types_by_name.values()
    return found


def spoil(contracts: Path, old: str, new: str) -> None:
    """Replaces `old`, which must be there, in the contracts of a copy."""
    path = contracts / PERSON_EVENTS
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{PERSON_EVENTS} has changed; choose something else to spoil"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def facts() -> Facts:
    """The catalogue as the portal reads it."""
    return Facts.of_the_contracts()


@pytest.fixture(scope="module")
def document(facts: Facts) -> dict[str, Any]:
    """The AsyncAPI document."""
    return asyncapi_document(facts, metadata.version("rapport-protos"), "https://crm.example.com")


def test_every_fact_and_request_is_in_the_catalogue_and_nothing_else(facts: Facts) -> None:
    declared = {message.full_name for message in on_the_bus()}
    assert len(declared) > 50
    assert set(facts.messages) == declared


def test_every_fact_names_the_permission_to_be_told_of_it(facts: Facts) -> None:
    for descriptor in on_the_bus():
        if ".events." in descriptor.full_name:
            option = descriptor.GetOptions().Extensions[fact_pb2.fact]
            assert option.read_permission, descriptor.full_name
            assert facts.messages[descriptor.full_name].read_permission == option.read_permission


def test_every_message_has_a_subject_in_the_asyncapi_document(document: dict[str, Any]) -> None:
    for descriptor in on_the_bus():
        channel = document["channels"][descriptor.full_name]
        assert channel["address"] == descriptor.full_name
        payload = document["components"]["schemas"][descriptor.full_name]
        assert list(payload["properties"]) == [field.name for field in descriptor.fields]


def test_the_timeline_takes_its_values_from_fields_that_there_are(facts: Facts) -> None:
    for message in facts.messages.values():
        fields = {field.name for field in message.fields}
        for key, field in (message.timeline or {}).items():
            assert key == "kind" or field in fields, f"{message.name}: {key}"


def test_every_example_is_a_message_that_programs_can_read(facts: Facts) -> None:
    for descriptor in on_the_bus():
        example = facts.example(facts.messages[descriptor.full_name].fields)
        message = json_format.ParseDict(example, GetMessageClass(descriptor)())
        assert message.ByteSize() or not descriptor.fields, descriptor.full_name


def test_every_header_that_a_fact_can_have_is_described_and_no_other(facts: Facts) -> None:
    every: dict[str, Any] = dict.fromkeys(Row._fields, "x")
    every |= {"seq": 1, "payload": b"", "lane": BULK}
    least = every | dict.fromkeys(("traceparent", "client_id", "session_id", "address", "cause"))
    most_headers = outgoing(Row(**every), "rapport.test").headers
    least_headers = outgoing(Row(**least | {"lane": INTERACTIVE}), "rapport.test").headers

    assert {header["name"] for header in facts.headers} == set(most_headers)
    required = {header["name"] for header in facts.headers if header["required"]}
    assert required == set(least_headers)


def test_the_catalogue_is_part_of_the_generated_package() -> None:
    assert (PACKAGE / "facts.json").is_file()


def test_a_fact_without_the_option_is_not_generated(contracts_copy: Path) -> None:
    option = (
        'option (rapport.common.v1.fact) = {\n    read_permission: "contacts.people.read"\n  };'
    )
    spoil(contracts_copy, option, "")
    with pytest.raises(GenerationError, match=r"Person\w+ has no option"):
        generate(contracts_copy / "protos", contracts_copy / "rapport")


def test_a_fact_that_says_nothing_of_its_aggregate_is_not_generated(contracts_copy: Path) -> None:
    spoil(contracts_copy, "// The aggregate of each fact is the person:", "// It is the person:")
    with pytest.raises(GenerationError, match="no comment says what its aggregate is"):
        generate(contracts_copy / "protos", contracts_copy / "rapport")
