"""OpenAPI documents for the trial, as a service would write them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

PROBLEM: Json = {"type": "object", "properties": {"code": {"type": "string"}}}
OAUTH: Json = {
    "type": "oauth2",
    "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}},
}


def operation(name: str, tag: str = "things", **more: Any) -> Json:
    """An operation that refers to the service's Thing and Problem."""
    return {
        "operationId": name,
        "summary": f"Do {name}",
        "tags": [tag],
        "responses": {
            "200": {
                "description": "OK",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
            },
            "default": {
                "description": "A refusal",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        },
        **more,
    }


def document(service: str, **more: Any) -> Json:
    """A small document with one path, two schemas and a security scheme."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Rapport {service}",
            "version": "0.1.0",
            "description": f"About {service}.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": "things", "description": "What there is."}],
        "security": [{"oauth2": []}],
        "paths": {
            f"/v1/{service}/things/{{id}}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "get": operation("get_thing", **{"x-permission": f"{service}.things.read"}),
            }
        },
        "components": {
            "schemas": {
                "Problem": PROBLEM,
                "Thing": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string"},
                        "parent": {"$ref": "#/components/schemas/Thing"},
                    },
                },
            },
            "securitySchemes": {"oauth2": OAUTH},
        },
        "x-problems": [
            {
                "code": "not_found",
                "status": 404,
                "title": "Not Found",
                "description": "There is no such thing.",
            },
            {
                "code": f"{service}_closed",
                "status": 409,
                "title": "Conflict",
                "description": f"{service} is closed.",
            },
        ],
        **more,
    }
