"""The AsyncAPI 3 document: every subject on the bus, who publishes there, and what its messages hold.

A message's content is protobuf; the schemas describe its JSON form with the names of the contracts,
which is what webhooks and the event feed carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portal.contract import Json
from portal.facts import DataType, Facts, Field, Message

_LARGE_NUMBER: Json = {"type": "string", "pattern": r"^-?\d{1,20}$"}
_NUMBER: Json = {"type": ["number", "string"]}
_WHOLE_NUMBER: Json = {"type": "integer"}
_JSON_FORMS: Mapping[str, Json] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    **dict.fromkeys(("double", "float"), _NUMBER),
    **dict.fromkeys(("int32", "uint32", "sint32", "fixed32", "sfixed32"), _WHOLE_NUMBER),
    **dict.fromkeys(("int64", "uint64", "sint64", "fixed64", "sfixed64"), _LARGE_NUMBER),
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d+)?s$"},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Value": {},
    "google.protobuf.Empty": {"type": "object"},
}
_HEADER_FORMS: Mapping[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "date-time": {"type": "string", "format": "date-time"},
    "integer": {"type": "string", "pattern": r"^\d+$"},
    "string": {"type": "string"},
}
_ABOUT = (
    "The facts that services publish, and what they ask of each other. Delivered at least once: a "
    "receiver does nothing again for a ce-id that it has seen. Facts of one aggregate are published "
    "in their order, and compared by aggregate-version. External apps get the same facts by webhooks "
    "and by the event feed."
)


def asyncapi_document(facts: Facts, version: str, public_url: str) -> Json:
    """AsyncAPI 3.0.0 of all facts and requests; `version` is that of the contracts."""
    messages = list(facts.messages.values())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rapport: facts",
            "version": version,
            "description": _ABOUT,
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
            "externalDocs": {"url": f"{public_url}/docs/facts"},
        },
        "defaultContentType": "application/protobuf",
        "channels": {message.name: _channel(message) for message in messages},
        "operations": {f"publish.{message.name}": _operation(message) for message in messages},
        "components": {
            "messages": {message.name: _message(message) for message in messages},
            "messageTraits": {"envelope": {"headers": _headers(facts.headers)}},
            "schemas": {
                **{
                    message.name: _object(message.description, message.fields)
                    for message in messages
                },
                **{name: _schema(known) for name, known in facts.types.items()},
            },
        },
    }


def _channel(message: Message) -> Json:
    return {
        "address": message.name,
        "title": message.message,
        "summary": message.summary,
        "messages": {message.message: {"$ref": f"#/components/messages/{message.name}"}},
    }


def _operation(message: Message) -> Json:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{message.name}"},
        "summary": f"{message.service} publishes {message.message}.",
        "tags": [{"name": message.service}, {"name": message.kind}],
        "messages": [{"$ref": f"#/channels/{message.name}/messages/{message.message}"}],
        "x-service": message.service,
    }


def _message(message: Message) -> Json:
    said: Json = {
        "name": message.name,
        "title": message.message,
        "summary": message.summary,
        "description": message.description,
        "contentType": "application/protobuf",
        "tags": [{"name": message.service}, {"name": message.kind}],
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": {"$ref": f"#/components/schemas/{message.name}"},
        "x-aggregate": message.aggregate,
    }
    if message.read_permission:
        said["x-read-permission"] = message.read_permission
    if message.timeline:
        said["x-timeline"] = dict(message.timeline)
    return said


def _headers(headers: Iterable[Mapping[str, Any]]) -> Json:
    known = list(headers)
    return {
        "type": "object",
        "required": [header["name"] for header in known if header["required"]],
        "properties": {
            header["name"]: {**_HEADER_FORMS[header["type"]], "description": header["description"]}
            for header in known
        },
    }


def _schema(known: DataType) -> Json:
    if not known.values:
        return _object(known.description, known.fields)
    lines = [f"- `{value['name']}`: {value['description']}" for value in known.values]
    return {
        "type": "string",
        "enum": [value["name"] for value in known.values],
        "description": "\n".join([known.description, "", *lines]).strip(),
    }


def _object(description: str, fields: Iterable[Field]) -> Json:
    return {
        "type": "object",
        "description": description,
        "properties": {field.name: _property(field) for field in fields},
    }


def _property(field: Field) -> Json:
    if field.type in _JSON_FORMS:
        one = dict(_JSON_FORMS[field.type])
    else:
        one = {"$ref": f"#/components/schemas/{field.type}"}
    if field.repeated:
        return {"type": "array", "items": one, "description": field.description}
    if field.map:
        return {"type": "object", "additionalProperties": one, "description": field.description}
    if "$ref" in one:  # beside a reference nothing else counts
        return {"allOf": [one], "description": field.description}
    return {**one, "description": field.description}
