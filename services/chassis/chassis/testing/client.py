"""Calls a service's routes in tests: JSON in, JSON out, with a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from flask import Flask
from werkzeug.test import TestResponse


class ApiAnswer:
    """What came back."""

    def __init__(self, response: TestResponse) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self.data: bytes = response.data

    @property
    def text(self) -> str:
        """The body as text."""
        return self.data.decode()

    @property
    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return orjson.loads(self.data)


class ApiClient:
    """A caller of the service under test."""

    def __init__(self, app: Flask, token: str | None, tenant_id: UUID | None = None) -> None:
        self._client = app.test_client()
        self.token = token
        self.tenant_id = tenant_id

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> ApiAnswer:
        """Send a request; `json` is the body."""
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if json is not None:
            options["json"] = json
        return ApiAnswer(self._client.open(path, method=method, headers=sent, **options))

    def get(self, path: str, **options: Any) -> ApiAnswer:
        """GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> ApiAnswer:
        """POST."""
        return self.send("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> ApiAnswer:
        """PUT."""
        return self.send("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> ApiAnswer:
        """PATCH."""
        return self.send("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> ApiAnswer:
        """DELETE."""
        return self.send("DELETE", path, **options)
