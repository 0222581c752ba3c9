"""The one place where the parts of the portal are wired together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, GCCollector, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from werkzeug.exceptions import HTTPException, NotFound

from chassis.clock import SystemClock
from chassis.telemetry.logs import configure_logging
from chassis.telemetry.process import ProcessMetrics
from portal.asyncapi import asyncapi_document
from portal.catalogue import Catalogue, Freshness, Refresher, Snapshot, rendered
from portal.documents import Documents, wants_page
from portal.facts import Facts, contracts_version
from portal.fetching import HttpxFetch
from portal.guides import Guides
from portal.mail_pages import MailPages
from portal.mailbox import Mailbox
from portal.pages import Site
from portal.problems import gateway_problem, problem_response
from portal.settings import PortalSettings, read_settings
from portal.tracing import add_trace_id, current_trace_id


def application() -> Flask:
    """The portal as a server process runs it: configured by the environment, refreshing itself."""
    settings = read_settings()
    configure_logging("portal", settings.log_level)
    catalogue = Catalogue(settings.services, settings.public_url, HttpxFetch(), SystemClock().now)
    Refresher(catalogue, settings.refresh_seconds).start()
    return build(settings, catalogue)


def build(settings: PortalSettings, catalogue: Catalogue) -> Flask:
    """The Flask application over a catalogue that somebody else refreshes."""
    app = Flask("portal", static_folder=None)
    app.url_map.strict_slashes = False
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    ProcessMetrics(registry).tell("portal")
    registry.register(_CatalogueState(lambda: catalogue.snapshot))
    facts = Facts.of_the_contracts()
    folder = settings.mail_folder
    guides = Guides(settings.guides_dir)
    site = Site(lambda: catalogue.snapshot, guides, facts, has_mail=folder is not None)
    if folder is not None:
        app.register_blueprint(MailPages(Mailbox(folder), site.page).blueprint())
    asyncapi = rendered(asyncapi_document(facts, contracts_version(), settings.public_url))
    documents = Documents(lambda: catalogue.snapshot, asyncapi, registry, site.not_found)
    app.register_blueprint(documents.blueprint())
    app.register_blueprint(site.blueprint())
    _observe(app, registry)
    app.after_request(add_trace_id)
    app.register_error_handler(HTTPException, _refusals(site))
    app.register_error_handler(Exception, _internal_error)
    return app


def _refusals(site: Site) -> Callable[[HTTPException], Response]:
    def refuse(error: HTTPException) -> Response:
        if isinstance(error, NotFound):
            return site.not_found() if wants_page() else gateway_problem(404, request.path)
        status = error.code or 500
        if status < 400:  # a redirection that the routing asks for
            return Response(status=status, headers=error.get_response().headers)
        headers = {k: v for k, v in error.get_response().headers.items() if k == "Allow"}
        code = "method_not_allowed" if status == 405 else "bad_request"
        return problem_response(status, code, error.description or "", request.path, headers)

    return refuse


def _internal_error(error: Exception) -> Response:
    trace = {"request_trace_id": current_trace_id()}
    current_app.logger.error("unexpected error", exc_info=error, extra=trace)
    message = "Something went wrong here; the trace id leads to it."
    return problem_response(500, "internal_error", message, request.path)


def _observe(app: Flask, registry: CollectorRegistry) -> None:
    duration = Histogram(
        "http_server_request_duration_seconds",
        "How long requests took, by route, method and status.",
        ("method", "route", "status"),
        registry=registry,
    )

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        seconds = time.perf_counter() - g.started
        duration.labels(request.method, route, str(response.status_code)).observe(seconds)
        return response


class _CatalogueState:
    """How the catalogue is doing, read when the metrics are."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        snapshot = self._snapshot()
        current = GaugeMetricFamily(
            "portal_contract_current",
            "1 where the service answered the last time it was asked for its document.",
            labels=["service"],
        )
        for name, known in snapshot.services.items():
            current.add_metric([name], float(known.freshness is Freshness.CURRENT))
        yield current
        yield GaugeMetricFamily(
            "portal_contracts_clash",
            "1 while the services' documents contradict each other.",
            value=float(snapshot.clash is not None),
        )
