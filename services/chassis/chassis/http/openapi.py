"""Makes a service's OpenAPI 3.1 document from its declared routes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chassis.description import Description
from chassis.http.problem_document import Problem
from chassis.http.problem_kinds import PLATFORM_PROBLEMS, ProblemKind
from chassis.http.query_string import DEFAULT_PAGE, MAX_PAGE, MAX_SEARCH
from chassis.http.routes import PUBLIC, SIGNED_IN, Route
from chassis.storage.listing import ListSpec
from chassis.streams.openapi import stream_operation
from chassis.streams.routes import StreamRoute

_PATH_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_KINDS: dict[str | None, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    None: {"type": "string", "minLength": 1},
}
_PROBLEM: tuple[type[BaseModel], Any] = (Problem, "validation")


class OpenApi:
    """Collects what a service's routes say; `document()` is the result."""

    def __init__(self, about: Description) -> None:
        self._service = about.name
        self._prefix = about.name.title().replace("-", "")
        self._problems = (*PLATFORM_PROBLEMS, *about.problems)
        self._info = {
            "title": f"Rapport {about.name}",
            "version": about.version,
            "description": about.summary,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        }

    def document(
        self, routes: Iterable[Route], streams: Iterable[StreamRoute] = ()
    ) -> dict[str, Any]:
        """The OpenAPI document of these routes and streams."""
        listed = list(routes)
        schemas = self._schemas(listed)
        paths: dict[str, dict[str, Any]] = {}
        for route in listed:
            path = _PATH_PARAMETER.sub(lambda m: "{" + m["name"] + "}", route.path)
            paths.setdefault(path, {})[route.method.lower()] = self._operation(route)
        for stream in streams:
            described = stream_operation(self._service, stream, self._refusals)
            paths.setdefault(stream.path, {})["get"] = described
        return {
            "openapi": "3.1.0",
            "info": self._info,
            "servers": [{"url": "/"}],
            "tags": [{"name": tag} for tag in dict.fromkeys(r.tag for r in listed)],
            "security": [{"oauth2": []}],
            "paths": paths,
            "components": {"schemas": schemas, "securitySchemes": _security()},
            "x-problems": [_problem_kind(kind) for kind in self._problems],
        }

    def _schemas(self, routes: list[Route]) -> dict[str, Any]:
        wanted: dict[tuple[type[BaseModel], Any], None] = {_PROBLEM: None}
        for route in routes:
            if route.body is not None:
                wanted[(route.body, "validation")] = None
            if route.returns is not None:
                wanted[(route.returns, "serialization")] = None
        references, definitions = models_json_schema(
            list(wanted), ref_template="#/components/schemas/" + self._prefix + "{model}"
        )
        self._references = references
        return {
            self._prefix + name: schema
            for name, schema in sorted(definitions.get("$defs", {}).items())
        }

    def _operation(self, route: Route) -> dict[str, Any]:
        operation: dict[str, Any] = {
            "operationId": f"{self._service}_{route.name}",
            "summary": route.summary,
            "tags": [route.tag],
            "parameters": self._parameters(route),
            "responses": self._responses(route),
            "x-permission": route.permission,
        }
        if route.permission == PUBLIC:
            operation["security"] = []
        elif route.permission != SIGNED_IN:
            operation["security"] = [{"oauth2": [route.permission]}]
        if rest := (route.handler.__doc__ or "").strip().partition("\n")[2].strip():
            operation["description"] = " ".join(rest.split())
        body = self._request_body(route)
        if body:
            operation["requestBody"] = body
        return operation

    def _request_body(self, route: Route) -> dict[str, Any] | None:
        if route.body is not None:
            schema = self._references[(route.body, "validation")]
            content = {media: {"schema": schema} for media in route.media_types}
            return {"required": True, "content": content}
        if route.raw_body:
            binary = {"schema": {"type": "string", "format": "binary"}}
            return {"required": True, "content": dict.fromkeys(route.raw_body, binary)}
        return None

    def _parameters(self, route: Route) -> list[dict[str, Any]]:
        parameters = [
            _parameter(m["name"], "path", _KINDS.get(m["kind"], _KINDS[None]), required=True)
            for m in _PATH_PARAMETER.finditer(route.path)
        ]
        if route.listing is not None:
            parameters += _list_parameters(route.listing)
        if route.query is not None:
            parameters += _model_parameters(route.query)
        if route.idempotent_key:
            about = "A repeated key with the same body is answered again, not done again; 24 hours."
            key = {"type": "string", "minLength": 1, "maxLength": 255}
            parameters.append(_parameter("Idempotency-Key", "header", key, about=about))
        if route.conditional:
            about = "Only if the resource is still at this version."
            parameters.append(_parameter("If-Match", "header", {"type": "string"}, about=about))
        return parameters

    def _responses(self, route: Route) -> dict[str, Any]:
        success = self._success(route)
        responses: dict[str, Any] = {str(route.status): success}
        if "/by-external-id/" in route.path and route.method == "PUT":
            # An upsert: 201 when it has created.
            responses["201"] = {**success, "description": HTTPStatus.CREATED.phrase}
        if route.otherwise is not None:
            phrase = HTTPStatus(route.otherwise).phrase
            responses[str(route.otherwise)] = {**success, "description": phrase}
        refusals = {400, 429, 503, *route.problems}
        if route.query is not None or route.listing is not None:
            refusals.add(414)
        if route.permission != PUBLIC:
            refusals |= {401, 403}
        if "<" in route.path:
            refusals.add(404)
        if route.body is not None or route.raw_body:
            refusals |= {413, 415, 422}
        if route.raw_body:
            refusals.add(411)
        if route.method in ("POST", "PUT", "PATCH", "DELETE"):
            refusals |= {409, 422}
        if route.conditional:
            refusals.add(412)
        return {**responses, **self._refusals(refusals)}

    def _refusals(self, statuses: Iterable[int]) -> dict[str, Any]:
        schema = self._references[_PROBLEM]
        return {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {"application/problem+json": {"schema": schema}},
            }
            for status in sorted(statuses)
        }

    def _success(self, route: Route) -> dict[str, Any]:
        answer: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
        if route.media_type is not None:
            schema = {"schema": {"type": "string", "format": "binary"}}
            answer["content"] = dict.fromkeys(route.media_type.split(","), schema)
        elif route.returns is not None:
            schema = self._references[(route.returns, "serialization")]
            if route.listing is not None:
                schema = _page_of(schema)
            answer["content"] = {"application/json": {"schema": schema}}
        return answer


def _problem_kind(kind: ProblemKind) -> dict[str, Any]:
    """For the portal, which documents every problem at its address."""
    return {
        "code": kind.code,
        "status": kind.status,
        "title": HTTPStatus(kind.status).phrase,
        "description": kind.description,
    }


def _page_of(schema: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next_page_token"],
        "properties": {
            "items": {"type": "array", "items": schema},
            "next_page_token": {"type": ["string", "null"]},
            "total_count": {"type": "integer", "description": "Only with count=true."},
        },
    }


def _parameter(
    name: str, where: str, schema: Any, *, required: bool = False, about: str | None = None
) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": where, "schema": schema}
    if required:
        parameter["required"] = True
    if about:
        parameter["description"] = about
    return parameter


def _list_parameters(spec: ListSpec) -> list[dict[str, Any]]:
    size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE}
    order = f"Of {', '.join(spec.sorts)}; a leading - turns one round, a comma joins several."
    sorting = {"type": "string", "default": spec.default_sort}
    parameters = [_parameter("sort", "query", sorting, about=order)]
    if not spec.whole:
        parameters += [
            _parameter("page_size", "query", size),
            _parameter("page_token", "query", {"type": "string"}),
            _parameter("count", "query", {"type": "boolean", "default": False}),
        ]
    if spec.searchable:
        text = {"type": "string", "minLength": 1, "maxLength": MAX_SEARCH}
        parameters.append(_parameter("q", "query", text, about="Searches as you type."))
    if spec.expands:
        parameters.append(
            _parameter("expand", "query", {"type": "string"}, about=f"Of {', '.join(spec.expands)}")
        )
    for name, known in spec.filters.items():
        for operator in known.operators:
            full = name if operator == "eq" else f"{name}[{operator}]"
            schema = {"type": "string"} if operator == "in" else dict(known.schema)
            parameters.append(_parameter(full, "query", schema))
    return [*parameters, *map(_open_parameter, spec.open_prefixes)]


def _open_parameter(prefix: str) -> dict[str, Any]:
    """Parameters that the tenant has named: an object, each of whose members is one of them."""
    schema = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "propertyNames": {"pattern": f"^{re.escape(prefix)}"},
    }
    about = f"{prefix}<name>, {prefix}<name>[gte], … for what the tenant has defined."
    parameter = _parameter(prefix.rstrip("."), "query", schema, about=about)
    return {**parameter, "style": "form", "explode": True}


def _model_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    named = schema.get("$defs", {})
    return [
        _parameter(
            name,
            "query",
            _in_place(_without_null(about), named),
            required=name in required,
            about=about.pop("description", None),
        )
        for name, about in schema.get("properties", {}).items()
    ]


def _in_place(schema: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema with what it refers to written out: enumerations, that is."""
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return _without_null(named[name]) if name in named else schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is absent, never null."""
    schema = {k: v for k, v in schema.items() if k not in ("title", "description", "default")}
    choices = [c for c in schema.get("anyOf", ()) if c.get("type") != "null"]
    if len(choices) == 1:
        return dict(choices[0])
    return schema


def _security() -> dict[str, Any]:
    return {
        "oauth2": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}},
                "authorizationCode": {
                    "authorizationUrl": "/oauth/authorize",
                    "tokenUrl": "/oauth/token",
                    "scopes": {},
                },
            },
        }
    }
