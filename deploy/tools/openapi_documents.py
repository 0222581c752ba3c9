"""The OpenAPI document of each service, as its code declares it, without starting anything."""

import importlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.http.routes import Route
from chassis.settings import ServiceSettings
from deploy.tools.openapi_changes import without_prose

# Long enough for every secret, and nobody's.
PLACEHOLDER = "placeholder-" * 4


def document_of(service: str) -> dict[str, Any]:
    """The document of a service, built from its routes; opens no connection."""
    document: dict[str, Any] = _built(service).document()
    return document


def routes_of(service: str) -> Sequence[Route]:
    """The routes of a service, with what its document does not say; opens no connection."""
    routes: Sequence[Route] = _built(service).http.routes
    return routes


def _built(service: str) -> Any:
    application = importlib.import_module(f"{service}.app")
    settings = importlib.import_module(f"{service}.settings")
    kind: type[ServiceSettings] = getattr(settings, f"{service.capitalize()}Settings")
    return application.build(placeholder_settings(kind))


def placeholder_settings(kind: type[ServiceSettings]) -> ServiceSettings:
    """Settings that are complete and lead nowhere."""
    values: dict[str, object] = {}
    for name, field in kind.model_fields.items():
        if field.is_required():
            values[name] = _placeholder(name, field.annotation)
    return kind.model_validate(values)


def _placeholder(name: str, annotation: object) -> object:
    if annotation is int:
        return 1
    if name == "service_clients":
        return "{}"
    if name.startswith("database"):
        return "postgresql://nobody@127.0.0.1:1/nothing"
    if name.endswith("_url"):
        return "http://127.0.0.1:1"
    return PLACEHOLDER


def dump(document: Mapping[str, Any]) -> str:
    """What of a document is kept for comparison, a line for each path and schema."""
    kept = without_prose(document)
    parts = {
        "paths": kept["paths"],
        "schemas": kept.get("components", {}).get("schemas", {}),
    }
    blocks = [
        f'"{part}": {{\n'
        + ",\n".join(f"{json.dumps(key)}: {_compact(value)}" for key, value in sorted(held.items()))
        + "\n}"
        for part, held in parts.items()
    ]
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def load(text: str) -> dict[str, Any]:
    """The inverse of `dump`."""
    parts = json.loads(text)
    return {"paths": parts["paths"], "components": {"schemas": parts["schemas"]}}


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
