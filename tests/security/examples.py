"""The smallest input that a schema allows: enough to get past validation to what is tested."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.security.surface import Json, document

_BY_FORMAT = {
    "uuid": "00000000-0000-7000-8000-000000000000",
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
}
_TEXTS = (
    "word",
    "word@customers.example",
    "https://www.customers.example",
    "2026-01-02",
    "12:00",
    "TWD",
    "TW",
    "en",
    "custom.word",
    "1",
    "",
)
"""What fits a pattern is the first of these that does."""


def example_of(schema: Json, ids: Mapping[str, str]) -> Any:
    """A value that fits; members that are called like a kind of record get that record's id."""
    schema = resolved(schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return example_of(schema[several][0], ids)
    make = _BY_TYPE.get(schema.get("type", ""))
    return None if make is None else make(schema, ids)


def resolved(schema: Json) -> Json:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document()["components"]["schemas"][name]
    return schema


def _object(schema: Json, ids: Mapping[str, str]) -> Json:
    properties = schema.get("properties", {})
    if not properties and schema.get("minProperties"):
        pattern, value = next(iter(schema["patternProperties"].items()))
        return {example_of({"type": "string", "pattern": pattern}, ids): example_of(value, ids)}
    return {
        name: ids[name] if name in ids else example_of(properties[name], ids)
        for name in schema.get("required", ())
    }


def _array(schema: Json, ids: Mapping[str, str]) -> list[Any]:
    return [example_of(schema["items"], ids)] * int(schema.get("minItems", 0))


def _string(schema: Json, _ids: Mapping[str, str]) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    pattern = schema.get("pattern")
    text = next((one for one in _TEXTS if pattern is None or re.search(pattern, one)), None)
    if text is None:
        raise NotImplementedError(f"say which text fits the pattern {pattern!r}")
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 100)]


_BY_TYPE: dict[str, Callable[[Json, Mapping[str, str]], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": lambda schema, _: schema.get("minimum", 1),
    "number": lambda schema, _: schema.get("minimum", 1),
    "boolean": lambda _schema, _: False,
}
