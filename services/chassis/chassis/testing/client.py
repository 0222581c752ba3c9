"""Calls a service's routes in tests: JSON in, JSON out, with a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse


class ApiClient:
    """A caller of the service under test."""

    def __init__(self, app: Flask, token: str | None, tenant_id: UUID | None = None) -> None:
        self._client = app.test_client()
        self.token = token
        self.tenant_id = tenant_id

    def send(
        self, method: str, path: str, *, json: Any = None, headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a request; `json` is the body."""
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if json is not None:
            options["json"] = json
        return self._client.open(path, method=method, headers=sent, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """POST."""
        return self.send("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """PUT."""
        return self.send("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """PATCH."""
        return self.send("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """DELETE."""
        return self.send("DELETE", path, **options)
