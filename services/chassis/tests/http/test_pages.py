"""Pages: plain views that are declared with a reason, and bounded and measured like routes."""

from __future__ import annotations

import pytest
from flask import Flask, Response, request
from prometheus_client import REGISTRY
from werkzeug.exceptions import NotFound

from chassis.domain import Conflict
from chassis.http.address import Addresses, networks_of
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem
from chassis.http.rate_limit import AddressLimits
from chassis.origin import current_address

WHY = "it is an example"


class Example:
    """Pages that do what a test needs."""

    def __init__(self) -> None:
        self.admitted = 0
        self.pages = Pages(
            "example", self.refuse, admit=self.admit, headers={"Cache-Control": "no-store"}
        )
        self.pages.page("/p/hello", public_because=WHY)(self.hello)
        self.pages.page("/p/hello", "POST", public_because=WHY)(self.echo)
        self.pages.page("/p/origin", public_because=WHY)(self.origin)
        self.pages.page("/p/<kind>", public_because=WHY)(self.fail)
        self.app = Flask("example", static_folder=None)
        addresses = Addresses(networks_of("127.0.0.0/8"))
        self.pages.register(self.app, addresses, AddressLimits(1, lambda: 0.0))
        self.client = self.app.test_client()

    def refuse(self, problem: Problem) -> Response:
        """Say no in plain text."""
        return Response(f"{problem.code}: {problem.detail}", problem.status)

    def admit(self) -> dict[str, str]:
        """Count, and let five in."""
        self.admitted += 1
        if self.admitted > 5:
            raise HttpProblem(429, "rate_limited", "Too often.", retry_after=3)
        return {"RateLimit": f"r={5 - self.admitted}"}

    def hello(self) -> Response:
        """Greet."""
        return Response("hello")

    def echo(self) -> Response:
        """Give a field back."""
        response = Response(request.form.get("text", ""))
        response.headers["Cache-Control"] = "public"
        return response

    def origin(self) -> Response:
        """Tell what facts would keep of the visitor's address."""
        return Response(str(current_address()))

    def fail(self, kind: str) -> Response:
        """Fail in one of several ways."""
        if kind == "conflict":
            raise Conflict("Not now.", retry_after=7)
        if kind == "absent":
            raise NotFound
        raise ValueError("a defect, with a secret in it")


def test_a_page_answers_with_trace_headers_and_limits() -> None:
    answer = Example().client.get(
        "/p/hello", headers={"Traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    )
    assert (answer.status_code, answer.text) == (200, "hello")
    assert answer.headers["Trace-Id"] == "a" * 32
    assert answer.headers["RateLimit"] == "r=4"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_view_may_set_a_header_itself() -> None:
    answer = Example().client.post("/p/hello", data={"text": "a"})
    assert answer.headers["Cache-Control"] == "public"


def test_requests_are_counted_by_declared_path_and_not_by_what_was_asked_for() -> None:
    labels = {"method": "GET", "route": "/p/<kind>", "status": "409"}
    name = "http_server_request_duration_seconds_count"
    before = REGISTRY.get_sample_value(name, labels) or 0
    Example().client.get("/p/conflict")
    assert REGISTRY.get_sample_value(name, labels) == before + 1


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("conflict", 409, "conflict: Not now."),
        ("absent", 404, "bad_request"),
        ("anything", 500, "internal_error: Something went wrong here"),
    ],
)
def test_a_refusal_is_put_in_the_pages_own_way(kind: str, status: int, text: str) -> None:
    answer = Example().client.get(f"/p/{kind}")
    assert answer.status_code == status
    assert answer.text.startswith(text)
    assert "secret" not in answer.text
    assert answer.headers["Trace-Id"]


def test_a_refusal_that_passes_says_when() -> None:
    assert Example().client.get("/p/conflict").headers["Retry-After"] == "7"


def test_whoever_comes_too_often_is_refused() -> None:
    example = Example()
    answers = [example.client.get("/p/hello") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/p/hello", {"text": "x" * 70_000}, 413),
        ("/p/hello", {"text": "a\x00b"}, 400),
        ("/p/hello", {"a\x00b": "text"}, 400),
        (f"/p/hello?q={'x' * 9_000}", {}, 414),
        ("/p/hello?q=%00", {}, 400),
    ],
)
def test_what_is_too_long_or_cannot_be_stored_is_refused(
    path: str, data: dict[str, str], status: int
) -> None:
    assert Example().client.post(path, data=data).status_code == status


def test_a_page_without_a_reason_is_not_declared() -> None:
    with pytest.raises(ValueError, match="say why"):
        Pages("example", Example().refuse).page("/p/x", public_because="")


def test_where_a_visitor_comes_from_is_kept_only_where_that_is_said() -> None:
    example = Example()
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert example.client.get("/p/origin", headers=headers).text == "None"
    example.pages.keeps_addresses = True
    assert example.client.get("/p/origin", headers=headers).text == "203.0.113.9"
