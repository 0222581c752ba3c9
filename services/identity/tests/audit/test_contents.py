"""No fact brings anything personal into the audit log, early, late or again: the log never holds any."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

import rapport
from chassis.events.contracts import facts_of
from chassis.personal import with_personal_fields
from identity.audit.details import content_of
from rapport.common.v1 import fact_pb2

WORD = "amphitrite"
"""A word that could as well be one of the platform's own: only the field tells."""
PERSONAL = with_personal_fields(facts_of(rapport))


def filled(message: Any, *, personal: bool = False) -> int:
    """Put the word into each text field that is personal or within one that is; gives how many."""
    count = 0
    for field in message.DESCRIPTOR.fields:
        is_personal = personal or field.GetOptions().Extensions[fact_pb2.personal]
        if field.message_type is not None:
            count += _filled_within(message, field, personal=is_personal)
        elif is_personal and field.type == FieldDescriptor.TYPE_STRING:
            if field.is_repeated:
                getattr(message, field.name).append(WORD)
            else:
                setattr(message, field.name, WORD)
            count += 1
    return count


def _filled_within(message: Any, field: FieldDescriptor, *, personal: bool) -> int:
    inner: Descriptor | None = field.message_type
    if inner is None or inner.GetOptions().map_entry or inner.file.package == "google.protobuf":
        return 0
    value = getattr(message, field.name)
    return filled(value.add() if field.is_repeated else value, personal=personal)


def test_there_are_facts_with_something_personal() -> None:
    assert len(PERSONAL) >= 4


@pytest.mark.parametrize("action", PERSONAL)
def test_of_what_is_personal_in_a_fact_nothing_is_kept(action: str) -> None:
    fact = facts_of(rapport)[action]()
    assert filled(fact) > 0
    content = content_of(action, fact.SerializeToString(), uuid4())
    assert WORD not in content.details
