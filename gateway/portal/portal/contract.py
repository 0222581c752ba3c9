"""One service's OpenAPI document, made fit to stand beside those of the other services.

Component names, operation ids and tags get the service's name as a prefix where they lack it, and
every reference follows. Security schemes keep their names: the platform has one way to sign in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

Json: TypeAlias = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SHARED_SECTIONS = frozenset({"securitySchemes"})

# Their values are data, in which "$ref" and the like are nothing but words.
_LITERALS = frozenset({"example", "default", "const", "enum"})
# Their keys are names that somebody chose, which may be "default" or "example".
_NAME_MAPS = frozenset(
    {
        *("properties", "patternProperties", "$defs", "dependentSchemas", "definitions"),
        *("schemas", "responses", "parameters", "requestBodies", "headers", "links", "callbacks"),
        *("pathItems", "paths", "webhooks", "content", "encoding"),
    }
)
_COMPONENT = re.compile(r"#/components/(?P<section>[^/]+)/(?P<name>[^/]+)(?P<rest>.*)\Z", re.DOTALL)


class UnfitContract(Exception):
    """A service's document cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """A service's document with every name its own."""

    service: str
    document: Json


def qualify(service: str, document: object) -> Qualified:
    """The document with prefixed names; raises `UnfitContract`."""
    checked = _checked(service, document)
    return Qualified(service, _Qualifier(service, checked).qualified())


def prefixed(service: str, name: str) -> str:
    """The name with the service's in front, in the style of the name, unless it is there."""
    following = name[len(service) : len(service) + 1]
    if name.lower().startswith(service) and not following.islower():
        return name
    if name[:1].isupper():
        return "".join(part.capitalize() for part in service.split("-")) + name
    return f"{service}_{name}"


def _checked(service: str, document: object) -> Json:
    if not isinstance(document, dict):
        raise UnfitContract(f"{service}: the OpenAPI document is not an object")
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.1."):
        raise UnfitContract(f"{service}: 'openapi' has to be 3.1.x, not {version!r}")
    for member in ("info", "paths", "components"):
        if not isinstance(document.get(member, {}), dict):
            raise UnfitContract(f"{service}: '{member}' is not an object")
    for section, members in document.get("components", {}).items():
        if not section.startswith("x-") and not isinstance(members, dict):
            raise UnfitContract(f"{service}: 'components/{section}' is not an object")
    return document


class _Qualifier:
    def __init__(self, service: str, document: Json) -> None:
        self._service = service
        self._document = document
        self._components: dict[str, dict[str, str]] = {
            section: self._new_names(section, members)
            for section, members in document.get("components", {}).items()
            if not section.startswith("x-")
        }
        self._operation_ids: set[str] = set()

    def qualified(self) -> Json:
        result = dict(self._document)
        for member in ("paths", "webhooks"):
            if member in result:
                result[member] = {
                    path: self._path_item(item) for path, item in result[member].items()
                }
        if "components" in result:
            result["components"] = self._all_components(result["components"])
        if "tags" in result:
            result["tags"] = [{**tag, "name": self._tag(tag["name"])} for tag in result["tags"]]
        return result

    def _new_names(self, section: str, members: Json) -> dict[str, str]:
        if section in SHARED_SECTIONS:
            return {name: name for name in members}
        names: dict[str, str] = {}
        for name in members:
            new = prefixed(self._service, name)
            twin = next((old for old, taken in names.items() if taken == new), None)
            if twin is not None:
                raise UnfitContract(
                    f"{self._service}: components/{section}/{twin} and components/{section}/{name}"
                    f" would both be called {new}"
                )
            names[name] = new
        return names

    def _all_components(self, components: Json) -> Json:
        return {
            section: {
                self._components[section][name]: self._component(section, member)
                for name, member in members.items()
            }
            if section in self._components
            else members
            for section, members in components.items()
        }

    def _component(self, section: str, member: Any) -> Any:
        if section == "examples":
            return self._example(member)
        return self._path_item(member) if section == "pathItems" else self._walk(member)

    def _path_item(self, item: Json) -> Json:
        walked = self._walk(item)
        for method in METHODS:
            if method in walked:
                self._complete(walked[method])
        return {key: value for key, value in walked.items() if key != "servers"}

    def _complete(self, operation: Json) -> None:
        operation.pop("servers", None)
        if "tags" in operation:
            operation["tags"] = [self._tag(tag) for tag in operation["tags"]]
        if "security" not in operation and "security" in self._document:
            operation["security"] = self._document["security"]
        if "operationId" in operation:
            name = prefixed(self._service, operation["operationId"])
            if name in self._operation_ids:
                raise UnfitContract(f"{self._service}: the operation id {name} is used twice")
            self._operation_ids.add(name)
            operation["operationId"] = name

    def _tag(self, tag: str) -> str:
        return tag if prefixed(self._service, tag) == tag else f"{self._service}: {tag}"

    def _walk(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: self._member(key, value) for key, value in node.items()}

    def _member(self, key: str, value: Any) -> Any:
        if key in _LITERALS or key.startswith("x-"):
            return value
        if key == "$ref" and isinstance(value, str):
            return self._reference(value)
        if key == "discriminator" and isinstance(value, dict) and "mapping" in value:
            return {**value, "mapping": self._mapping(value["mapping"])}
        if key == "links" and isinstance(value, dict):
            return {name: self._link(link) for name, link in value.items()}
        if key == "examples":
            if not isinstance(value, dict):
                return value
            return {name: self._example(example) for name, example in value.items()}
        if key in _NAME_MAPS and isinstance(value, dict):
            return {name: self._walk(member) for name, member in value.items()}
        return self._walk(value)

    def _example(self, example: Any) -> Any:
        if isinstance(example, dict) and isinstance(example.get("$ref"), str):
            return {**example, "$ref": self._reference(example["$ref"])}
        return example

    def _link(self, link: Any) -> Any:
        walked = self._walk(link)
        if isinstance(walked, dict) and isinstance(walked.get("operationId"), str):
            walked["operationId"] = prefixed(self._service, walked["operationId"])
        return walked

    def _mapping(self, mapping: dict[str, str]) -> dict[str, str]:
        schemas = self._components.get("schemas", {})
        return {
            value: schemas[target] if target in schemas else self._reference(target)
            for value, target in mapping.items()
        }

    def _reference(self, reference: str) -> str:
        if not reference.startswith("#"):
            raise UnfitContract(
                f"{self._service}: the reference {reference!r} leaves the document; "
                "a document has to hold all that it refers to"
            )
        match = _COMPONENT.match(reference)
        if match is None:
            return reference
        section, name = match["section"], _unescaped(match["name"])
        if name not in self._components.get(section, {}):
            raise UnfitContract(f"{self._service}: nothing is at {reference!r}")
        return f"#/components/{section}/{_escaped(self._components[section][name])}{match['rest']}"


def _unescaped(token: str) -> str:
    return unquote(token).replace("~1", "/").replace("~0", "~")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
