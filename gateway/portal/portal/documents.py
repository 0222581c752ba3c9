"""The OpenAPI documents and the AsyncAPI document, the gateway's problem documents, and the portal's own state."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from portal.catalogue import Rendered, Snapshot
from portal.problems import GATEWAY_PROBLEMS, gateway_problem, problem_response

_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Documents:
    """The routes for programs: contracts, problem documents, health, metrics."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        asyncapi: Rendered,
        registry: CollectorRegistry,
        page_for_people: Callable[[], Response],
    ) -> None:
        self._snapshot = snapshot
        self._asyncapi = asyncapi
        self._registry = registry
        self._page_for_people = page_for_people

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("documents", __name__)
        routes.add_url_rule("/openapi.json", view_func=self._merged, endpoint="merged")
        routes.add_url_rule("/openapi/<service>.json", view_func=self._one, endpoint="one")
        routes.add_url_rule("/asyncapi.json", view_func=self._facts, endpoint="facts")
        for path in (
            "/problems/gateway/<int:status>",
            "/problems/gateway/<int:status>/<path:asked>",
        ):
            routes.add_url_rule(
                path, view_func=self._problem, endpoint="gateway_problem", methods=_ANY_METHOD
            )
        routes.add_url_rule("/healthz", view_func=self._healthz, endpoint="healthz")
        routes.add_url_rule("/readyz", view_func=self._readyz, endpoint="readyz")
        routes.add_url_rule("/metrics", view_func=self._metrics, endpoint="metrics")
        return routes

    def _merged(self) -> Response:
        snapshot = self._snapshot()
        if snapshot.merged is None:
            return problem_response(
                503,
                "contracts_clash",
                f"The services' documents contradict each other: {snapshot.clash}.",
                request.path,
                {"Retry-After": "30"},
            )
        return _json(snapshot.merged)

    def _facts(self) -> Response:
        return _json(self._asyncapi)

    def _one(self, service: str) -> Response:
        snapshot = self._snapshot()
        if service not in snapshot.services:
            abort(404)
        if service not in snapshot.each:
            return problem_response(
                503,
                "contract_missing",
                f"{service} has not answered since the portal started.",
                request.path,
                {"Retry-After": "2"},
            )
        return _json(snapshot.each[service])

    def _problem(self, status: int, asked: str | None = None) -> Response:
        if status not in GATEWAY_PROBLEMS:
            abort(404)
        if status == 404 and wants_page():
            return self._page_for_people()
        path = f"/{asked}" if asked is not None else urlsplit(request.args.get("url", "")).path
        return gateway_problem(status, path or "/", request.args.get("limit", type=int))

    def _healthz(self) -> Response:
        return Response(b'{"status":"alive"}', content_type="application/json")

    def _readyz(self) -> Response:
        snapshot = self._snapshot()
        ready = snapshot.complete and snapshot.clash is None
        body = {
            "status": "ready" if ready else "not_ready",
            "checks": {
                "asked_every_service": snapshot.complete,
                "no_clash": snapshot.clash is None,
            },
        }
        return Response(orjson.dumps(body), 200 if ready else 503, content_type="application/json")

    def _metrics(self) -> Response:
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


def wants_page() -> bool:
    """Whether a person looks at the answer, in a browser."""
    offered = ["application/problem+json", "text/html"]
    return request.accept_mimetypes.best_match(offered) == "text/html"


def _json(document: Rendered) -> Response:
    response = Response(document.body, content_type="application/json")
    response.headers["ETag"] = document.etag
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]
