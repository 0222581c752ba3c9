"""The facts and requests on the bus, as the contracts describe them, ready to be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from typing import Any

from portal.contract import Json

_ABOVE_53_BITS = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message."""

    name: str
    type: str
    description: str
    repeated: bool = False
    map: bool = False
    optional: bool = False
    one_of: str = ""

    @property
    def short_type(self) -> str:
        """The type without its package."""
        return self.type.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Message:
    """A fact or a request; its name is its subject on the bus, and its ce-type."""

    name: str
    message: str
    kind: str
    service: str
    description: str
    aggregate: str
    fields: Sequence[Field]
    read_permission: str = ""
    """What an app needs to be told of the fact; a request is told to nobody but whom it asks."""
    timeline: Mapping[str, str] | None = None

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        first = self.description.partition("\n\n")[0]
        head, stop, _ = first.partition(". ")
        return head + "." if stop else first

    @property
    def paragraphs(self) -> Sequence[str]:
        """The description as paragraphs."""
        return self.description.split("\n\n")


@dataclass(frozen=True, slots=True)
class DataType:
    """A message or an enum that fields are made of."""

    name: str
    description: str
    fields: Sequence[Field] = ()
    values: Sequence[Mapping[str, str]] = ()

    @property
    def short_name(self) -> str:
        """The name without its package."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything there is to say about what travels on the bus."""

    messages: Mapping[str, Message]
    types: Mapping[str, DataType]
    headers: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, catalogue: Json) -> Facts:
        """From the catalogue that is generated with the contracts."""
        messages = [
            Message(
                **{key: value for key, value in entry.items() if key not in {"fields", "file"}},
                fields=_fields(entry),
            )
            for entry in catalogue["messages"]
        ]
        types = {
            name: DataType(name, entry["description"], _fields(entry), entry.get("values", ()))
            for name, entry in catalogue["types"].items()
        }
        return cls({message.name: message for message in messages}, types, catalogue["headers"])

    @classmethod
    def of_the_contracts(cls) -> Facts:
        """As of the contracts that are installed."""
        text = (resources.files("rapport") / "facts.json").read_text(encoding="utf-8")
        return cls.of(json.loads(text))

    def by_service(self) -> Mapping[str, Sequence[Message]]:
        """The messages of each service, facts before requests."""
        grouped: dict[str, list[Message]] = {}
        for message in sorted(self.messages.values(), key=lambda one: (one.kind, one.name)):
            grouped.setdefault(message.service, []).append(message)
        return dict(sorted(grouped.items()))

    def types_of(self, message: Message) -> Sequence[DataType]:
        """The types that a message is made of, directly or through others, by name."""
        found: dict[str, DataType] = {}
        waiting = [field.type for field in message.fields]
        while waiting:
            name = waiting.pop()
            if name in self.types and name not in found:
                found[name] = self.types[name]
                waiting += [field.type for field in self.types[name].fields]
        return [found[name] for name in sorted(found)]

    def example(self, fields: Sequence[Field], depth: int = 0) -> Json:
        """A made-up content in JSON; of fields of which only one may be set, the first."""
        example: Json = {}
        chosen: set[str] = set()
        for field in fields:
            if field.one_of in chosen:
                continue
            if field.one_of:
                chosen.add(field.one_of)
            value = self._value(field, depth)
            example[field.name] = (
                {"key": value} if field.map else [value] if field.repeated else value
            )
        return example

    def _value(self, field: Field, depth: int) -> Any:
        known = self.types.get(field.type)
        if known is not None and known.values:
            return known.values[min(1, len(known.values) - 1)]["name"]
        if known is not None:
            return self.example(known.fields, depth + 1) if depth < 3 else {}
        if field.type == "string":
            return _text(field.name)
        if field.type in _ABOVE_53_BITS:
            return "1"
        return _PLAIN.get(field.type, 1)


_PLAIN: Mapping[str, Any] = {
    "bool": True,
    "bytes": "cmFwcG9ydA==",
    "double": 1.5,
    "float": 1.5,
    "google.protobuf.Timestamp": "2026-11-22T09:30:00Z",
    "google.protobuf.Duration": "30s",
    "google.protobuf.Struct": {"key": "value"},
    "google.protobuf.Value": "value",
}


def contracts_version() -> str:
    """The version of the contracts that are installed."""
    return metadata.version("rapport-protos")


def _text(name: str) -> str:
    words = {"currency": "TWD", "amount": "1250.00", "channel": "email", "purpose": "newsletter"}
    if name in words:
        return words[name]
    is_id = name == "id" or name.endswith(("_id", "_ids"))
    return "0199d2a4-7c1e-7b3a-9f52-3d1f0c6a8e11" if is_id else "…"


def _fields(entry: Json) -> list[Field]:
    return [Field(**field) for field in entry.get("fields", ())]
