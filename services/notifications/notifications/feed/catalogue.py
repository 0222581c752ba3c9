"""All types of facts that this version knows: from the generated contracts, with what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message

import rapport
from chassis.events.contracts import facts_of
from chassis.events.reactions import Undecodable
from rapport.common.v1 import fact_pb2


@dataclass(frozen=True, slots=True)
class FactType:
    """One type of fact: who publishes it, and what it takes to be told of it."""

    name: str
    producer: str
    read_permission: str
    message: type[Message]

    def to_json(self, payload: bytes) -> bytes:
        """A payload in the JSON form of protobuf, with the fields' own names.

        Fields without a value are written too, so that readers always find them. Raises
        `Undecodable`.
        """
        content = self.message()
        try:
            content.ParseFromString(payload)
        except DecodeError as error:
            raise Undecodable(f"no {self.name}: {error}") from error
        document = MessageToDict(
            content, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        return orjson.dumps(document)


@cache
def fact_types() -> Mapping[str, FactType]:
    """The types by name, sorted."""
    return {one.name: one for one in _types()}


def type_named(name: str) -> FactType:
    """The type. Raises `Undecodable` for one of a later version than this."""
    known = fact_types().get(name)
    if known is None:
        raise Undecodable(f"this version knows no fact {name}")
    return known


def _types() -> Iterator[FactType]:
    for name, message in facts_of(rapport).items():
        options = message.DESCRIPTOR.GetOptions()
        if options.HasExtension(fact_pb2.fact):
            permission = options.Extensions[fact_pb2.fact].read_permission
            yield FactType(name, name.split(".")[1], permission, message)
