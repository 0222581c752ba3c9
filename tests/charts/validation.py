"""Checks objects strictly against the schemas of the oldest and the newest Kubernetes that the charts support."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from .rendering import Object, Rendered

OLDEST = "1.31.0"
"""What `kubeVersion` of every chart says."""
NEWEST = "1.37.0"
CUSTOM = Path(__file__).with_name("custom_resources.json")
"""Shapes of custom resources, as far as charts use them; from the documentation of each."""


def wrong(rendered: Rendered) -> list[str]:
    """What is wrong with objects, each with where, what and in which version of Kubernetes."""
    return [
        f"{one['kind']}/{one['metadata']['name']} in {version}: {problem}"
        for one in rendered.objects
        for version in (OLDEST, NEWEST)
        for problem in problems_of(one, version)
    ]


def problems_of(one: Object, version: str) -> list[str]:
    """What a version of Kubernetes has against an object."""
    kind = f"{one['apiVersion']}/{one['kind']}"
    custom = custom_resources()
    validator = Draft202012Validator(custom[kind]) if kind in custom else _validator(one, version)
    if validator is None:
        return [f"there is no {kind}"]
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(one)]


@cache
def custom_resources() -> dict[str, Any]:
    """The shape of each custom resource, by version and kind."""
    shapes: dict[str, Any] = json.loads(CUSTOM.read_text(encoding="utf-8"))
    return shapes


def _validator(one: Object, version: str) -> Draft202012Validator | None:
    group, _, version_of_group = one["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (one["kind"].lower(), group.partition(".")[0], version_of_group)))
    return _of_kind(name, version)


@cache
def _of_kind(name: str, version: str) -> Draft202012Validator | None:
    try:
        schema = _read(name, version)
    except FileNotFoundError:
        return None
    return Draft202012Validator(schema, registry=_definitions(version))


@cache
def _definitions(version: str) -> Registry[Any]:
    content = _read("_definitions", version)
    resource: Resource[Any] = Resource.from_contents(content)
    empty: Registry[Any] = Registry()
    registry: Registry[Any] = empty.with_resource(content["$id"], resource)
    return registry


def _read(name: str, version: str) -> Any:
    return schema_contents(f"kubernetes-json-schema/v{version}-local-strict/{name}.json", version)
