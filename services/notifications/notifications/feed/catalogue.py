"""All types of facts that this version knows: from the generated contracts, with what they need."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

import rapport
from chassis.events.reactions import Undecodable
from rapport.common.v1 import fact_pb2

_MODULE = re.compile(r"rapport\.[a-z_]+\.events\.v\d+\.\w+_pb2")


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
    found = [one for module in _modules() for one in _types_of(module)]
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}


def type_named(name: str) -> FactType:
    """The type. Raises `Undecodable` for one of a later version than this."""
    known = fact_types().get(name)
    if known is None:
        raise Undecodable(f"this version knows no fact {name}")
    return known


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(rapport.__path__, "rapport."):
        if _MODULE.fullmatch(module.name):
            yield importlib.import_module(module.name)


def _types_of(module: ModuleType) -> Iterator[FactType]:
    for message in module.DESCRIPTOR.message_types_by_name.values():
        options = message.GetOptions()
        if options.HasExtension(fact_pb2.fact):
            yield FactType(
                message.full_name,
                message.full_name.split(".")[1],
                options.Extensions[fact_pb2.fact].read_permission,
                GetMessageClass(message),
            )
