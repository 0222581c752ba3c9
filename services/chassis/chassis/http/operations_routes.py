"""What the platform asks of every service: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.http.reply import dump, response_of

Check = Callable[[], bool]


def add_operations_routes(
    app: Flask,
    checks: Mapping[str, Mapping[str, Check]],
    document: Callable[[], dict[str, Any]],
) -> None:
    """Register `/healthz`, `/readyz`, `/metrics` and `/openapi.json`; the gateway routes none.

    Alive means that the process answers. Ready means that every check holds; the answer names
    those that do not. `checks` are those of each role that runs here: `/readyz` asks all of them,
    `/readyz/api` those without which no request can be answered.
    """
    known: dict[str, bytes] = {}

    def healthz() -> Response:
        return response_of(200, b'{"status":"alive"}', {})

    def readyz(role: str | None = None) -> Response:
        if role is not None and role not in checks:
            abort(404)
        asked = {
            name: check
            for one, own in checks.items()
            if role in {None, one}
            for name, check in own.items()
        }
        states = {name: check() for name, check in asked.items()}
        ready = all(states.values())
        body = dump({"status": "ready" if ready else "not_ready", "checks": states})
        return response_of(200 if ready else 503, body, {})

    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    def openapi() -> Response:
        if "document" not in known:
            known["document"] = dump(document())
        response = response_of(200, known["document"], {"Cache-Control": "max-age=5"})
        # Whoever shows it asks again and again, and reads it only when it is another one.
        response.add_etag()
        response.make_conditional(request)
        return response

    for path, view in (
        ("/healthz", healthz),
        ("/readyz", readyz),
        ("/readyz/<role>", readyz),
        ("/metrics", metrics),
        ("/openapi.json", openapi),
    ):
        app.add_url_rule(path, endpoint=path, view_func=view, methods=["GET"])
