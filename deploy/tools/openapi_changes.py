"""Finds what in a REST contract breaks the apps that were written against the one before.

A request may only be asked for less and allowed more; an answer may only hold more and never less. Descriptions do not count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
ALL_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
UPPER_BOUNDS = ("maxLength", "maximum", "maxItems", "exclusiveMaximum", "maxProperties")
LOWER_BOUNDS = ("minLength", "minimum", "minItems", "exclusiveMinimum", "minProperties")
PROSE = frozenset({"description", "title", "summary", "example", "examples", "tags", "servers"})


def breaking_changes(before: Schema, after: Schema) -> list[str]:
    """What breaks between two OpenAPI documents of one service, one line each; empty if nothing."""
    found: list[str] = []
    for path, methods in before.get("paths", {}).items():
        for method in METHODS:
            if method not in methods:
                continue
            where = f"{method.upper()} {path}"
            now = after.get("paths", {}).get(path, {}).get(method)
            if now is None:
                found.append(f"{where}: removed")
            else:
                found.extend(_operation(where, methods[method], now, _Documents(before, after)))
    return found


def without_prose(value: Any) -> Any:
    """The part of a document that counts for `breaking_changes`."""
    if isinstance(value, Mapping):
        return {key: _below(key, inner) for key, inner in value.items() if key not in PROSE}
    if isinstance(value, list):
        return [without_prose(inner) for inner in value]
    return value


def _below(key: str, value: Any) -> Any:
    """Names of properties are data: one that is called `title` stays."""
    if key in ("properties", "schemas") and isinstance(value, Mapping):
        return {name: without_prose(inner) for name, inner in value.items()}
    return without_prose(value)


@dataclass(frozen=True)
class _Documents:
    """Both documents, to look references up in."""

    before: Schema
    after: Schema

    def cores(self, before: Schema, after: Schema) -> tuple[Schema, Schema]:
        """What two schemas say of a value that is not null."""
        return _core(self.before, before), _core(self.after, after)

    def types(self, before: Schema, after: Schema) -> tuple[frozenset[str], frozenset[str]]:
        """The JSON types that two schemas allow."""
        return types(before, self.before), types(after, self.after)


def _core(document: Schema, schema: Schema) -> Schema:
    schema = _resolve(document, schema)
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    valued = [choice for choice in choices if choice.get("type") != "null"]
    return _core(document, valued[0]) if len(valued) == 1 else schema


def _resolve(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def types(schema: Schema, document: Schema) -> frozenset[str]:
    """The JSON types that a schema allows; all of them where it names none."""
    schema = _resolve(document, schema)
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if choices:
        return frozenset().union(*(types(choice, document) for choice in choices))
    named = schema.get("type", ALL_TYPES)
    return frozenset([named] if isinstance(named, str) else named)


def _operation(where: str, before: Schema, after: Schema, both: _Documents) -> Iterator[str]:
    if before.get("x-permission") != after.get("x-permission"):
        yield f"{where}: needs {after.get('x-permission')} and no longer {before.get('x-permission')}"
    yield from _parameters(where, before, after, both)
    yield from _request(where, before.get("requestBody"), after.get("requestBody"), both)
    yield from _answers(where, before["responses"], after["responses"], both)


def _parameters(where: str, before: Schema, after: Schema, both: _Documents) -> Iterator[str]:
    old = {(p["in"], p["name"]): p for p in before.get("parameters", ())}
    new = {(p["in"], p["name"]): p for p in after.get("parameters", ())}
    for key, parameter in new.items():
        required_before = old.get(key, {}).get("required", False)
        if parameter.get("required", False) and not required_before:
            yield f"{where}: {key[0]} parameter {key[1]} is now required"
    for key, parameter in old.items():
        at = f"{where}: {key[0]} parameter {key[1]}"
        if key not in new:
            yield f"{at} is gone"
        else:
            yield from _accepted(at, parameter["schema"], new[key]["schema"], both, frozenset())


def _request(
    where: str, before: Schema | None, after: Schema | None, both: _Documents
) -> Iterator[str]:
    if before is None:
        if after is not None and after.get("required", False):
            yield f"{where}: a body is now required"
        return
    for media, content in before["content"].items():
        now = (after or {}).get("content", {}).get(media)
        if now is None:
            yield f"{where}: no longer accepts {media}"
        else:
            at = f"{where}: body"
            yield from _accepted(at, content["schema"], now["schema"], both, frozenset())


def _answers(where: str, before: Schema, after: Schema, both: _Documents) -> Iterator[str]:
    for status, answer in before.items():
        if not status.startswith("2"):
            continue
        if status not in after:
            yield f"{where}: no longer answers {status}"
            continue
        for media, content in answer.get("content", {}).items():
            now = after[status].get("content", {}).get(media)
            if now is None:
                yield f"{where}: {status} is no longer {media}"
            else:
                at = f"{where}: {status}"
                yield from _returned(at, content["schema"], now["schema"], both, frozenset())


def _accepted(
    at: str, before: Schema, after: Schema, both: _Documents, seen: frozenset[int]
) -> Iterator[str]:
    """What an app may send: everything that it might before."""
    old, new = both.cores(before, after)
    if id(old) in seen:  # a schema that holds itself
        return
    seen |= {id(old)}
    was_allowed, is_allowed = both.types(before, after)
    if lost := was_allowed - is_allowed:
        yield f"{at}: no longer accepts {', '.join(sorted(lost))}"
    yield from _tighter(at, old, new)
    new_properties = new.get("properties", {})
    for name, schema in old.get("properties", {}).items():
        if name in new_properties:
            yield from _accepted(f"{at}/{name}", schema, new_properties[name], both, seen)
        elif new.get("additionalProperties") is False:
            yield f"{at}/{name}: is gone"
    if "items" in old and "items" in new:
        yield from _accepted(f"{at}/[]", old["items"], new["items"], both, seen)


def _tighter(at: str, old: Schema, new: Schema) -> Iterator[str]:
    """Demands on one value that are new."""
    if (gone := _enumerated(old, new)) is not None:
        yield f"{at}: no longer accepts {gone}"
    for bound in (*UPPER_BOUNDS, *LOWER_BOUNDS):
        if _is_tighter(bound, old.get(bound), new.get(bound)):
            yield f"{at}: {bound} is now {new[bound]}"
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield f"{at}/{name}: is now required"


def _returned(
    at: str, before: Schema, after: Schema, both: _Documents, seen: frozenset[int]
) -> Iterator[str]:
    """What an app may count on: everything that it could before."""
    old, new = both.cores(before, after)
    if id(old) in seen:  # a schema that holds itself
        return
    seen |= {id(old)}
    was_possible, is_possible = both.types(before, after)
    if added := is_possible - was_possible:
        yield f"{at}: may now be {', '.join(sorted(added))}"
    new_properties = new.get("properties", {})
    for name, schema in old.get("properties", {}).items():
        if name not in new_properties:
            yield f"{at}/{name}: is gone"
            continue
        if name in old.get("required", ()) and name not in new.get("required", ()):
            yield f"{at}/{name}: may now be absent"
        yield from _returned(f"{at}/{name}", schema, new_properties[name], both, seen)
    if "items" in old and "items" in new:
        yield from _returned(f"{at}/[]", old["items"], new["items"], both, seen)


def _enumerated(old: Schema, new: Schema) -> str | None:
    if "enum" not in new:
        return None
    gone = [value for value in old.get("enum", ()) if value not in new["enum"]]
    if "enum" not in old:
        return "anything but " + ", ".join(map(str, new["enum"]))
    return ", ".join(map(str, gone)) or None


def _is_tighter(bound: str, old: float | None, new: float | None) -> bool:
    if new is None:
        return False
    if old is None:
        return True
    return new < old if bound in UPPER_BOUNDS else new > old
