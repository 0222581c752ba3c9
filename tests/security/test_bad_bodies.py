"""For every operation: what is too long, too deep, too large or wrongly encoded is refused within bounds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from chassis.http.batch import BATCH_BODY
from chassis.http.body import MAX_BODY, MAX_DEPTH, MAX_ITEMS, MAX_STRING
from chassis.http.query_string import MAX_QUERY
from chassis.http.routes import Route
from chassis.testing.client import ApiAnswer, ApiClient

from .estate import Estate, Services
from .surface import Operation, all_operations
from .under_test import NO_ROWS

OPERATIONS = all_operations()
TAKE_JSON = [each for each in OPERATIONS if each.takes_json]
TAKE_BYTES = [each for each in OPERATIONS if each.content and not each.takes_json]
TAKE_NOTHING = [
    each for each in OPERATIONS if not each.content and each.method in ("POST", "PUT", "PATCH")
]
QUICK = 5.0
"""Seconds: far more than a refusal takes, far less than what it keeps from happening."""


def by_id(operation: Operation) -> str:
    return operation.id


class Sender:
    """Somebody of a tenant of their own, whose rows show whether anything was stored."""

    def __init__(self, operation: Operation, services: Services, owned: Estate) -> None:
        self._operation = operation
        self._under_test = services[operation.service]
        self._tenant_id = uuid4()
        self._path = operation.path.format_map(owned.ids)
        self._query = {
            each["name"]: "word"
            for each in operation.parameters
            if each["in"] == "query" and each.get("required")
        }

    def refused(self, *statuses: int, **options: Any) -> ApiAnswer:
        """Send a request that has to be refused, and soon."""
        began = time.monotonic()
        options.setdefault("query_string", self._query)
        answer = self._client.send(self._operation.method, self._path, **options)
        assert time.monotonic() - began < QUICK
        assert answer.status_code in statuses, answer.text[:500]
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert len(answer.data) < 64 * 1024
        return answer

    @property
    def _client(self) -> ApiClient:
        harness = self._under_test.harness
        if self._operation.is_for_operators:
            return ApiClient(harness.app, harness.tokens.operator("*"))
        return harness.user_client(self._tenant_id, {"*": "all"})

    def has_stored_nothing(self) -> bool:
        """Whether the tenant has no rows, as before."""
        return self._under_test.fingerprint(self._tenant_id) == NO_ROWS


def route_of(operation: Operation, services: Services) -> Route:
    """The declared route of an operation."""
    routes: list[Route] = services[operation.service].harness.service.http.routes
    return next(each for each in routes if f"{operation.service}_{each.name}" == operation.id)


def bad_json(limit: int) -> Iterator[tuple[str, bytes, set[int]]]:
    """Bodies that no operation may take, with the statuses that may be answered."""
    out_of_bounds = {400, 422}
    yield "nothing", b"", {400}
    yield "no JSON", b"{", {400}
    yield "an array", b"[]", {422}
    yield "a word", b'"word"', {422}
    yield "an unknown member", b'{"surprise": 1}', {422}
    yield "10,000 levels", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, out_of_bounds
    yield "100,000 brackets", b"[" * 100_000, out_of_bounds
    yield "a level too many", _nested(MAX_DEPTH + 1), out_of_bounds
    yield "a long string", json.dumps({"a": "x" * (MAX_STRING + 1)}).encode(), {422}
    yield "a long key", json.dumps({"x" * (MAX_STRING + 1): 1}).encode(), {422}
    yield "a long array", json.dumps({"a": [1] * (MAX_ITEMS + 1)}).encode(), {422}
    yield "U+0000", b'{"a": "\\u0000"}', {422}
    yield "half a character", b'{"a": "\\ud800"}', out_of_bounds
    yield "Latin-1", '{"a": "Zoë"}'.encode("latin-1"), {400}
    yield "UTF-16", '{"a": "b"}'.encode("utf-16"), {400}
    yield "a number beyond all", b'{"a": 1' + b"0" * 5_000 + b"}", out_of_bounds
    yield "no number", b'{"a": NaN}', {400}
    yield "too large", b'{"a": "' + b"x" * limit + b'"}', {413}


def _nested(levels: int) -> bytes:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return json.dumps(value).encode()


@pytest.mark.parametrize("operation", TAKE_JSON, ids=by_id)
def test_a_bad_json_body_is_refused_with_what_is_wrong_and_stores_nothing(
    operation: Operation, services: Services, owned: Estate
) -> None:
    sender, media = Sender(operation, services, owned), operation.media_type
    limit = route_of(operation, services).body_limit
    assert limit in (MAX_BODY, BATCH_BODY)
    for what, body, statuses in bad_json(limit):
        answer = sender.refused(*statuses, data=body, headers={"Content-Type": str(media)})
        assert answer.json["detail"], what
    assert sender.has_stored_nothing()


@pytest.mark.parametrize("operation", [*TAKE_JSON, *TAKE_BYTES], ids=by_id)
def test_a_body_of_another_kind_is_refused(
    operation: Operation, services: Services, owned: Estate
) -> None:
    sender = Sender(operation, services, owned)
    others = {"application/xml", "multipart/form-data; boundary=x", "text/html", ""}
    for media in sorted(others - set(operation.content)):
        sender.refused(415, data=b"{}", headers={"Content-Type": media})


@pytest.mark.parametrize("operation", TAKE_BYTES, ids=by_id)
def test_a_stream_that_announces_too_much_or_nothing_is_refused_before_it_is_read(
    operation: Operation, services: Services, owned: Estate
) -> None:
    sender, limit = Sender(operation, services, owned), route_of(operation, services).body_limit
    headers = {"Content-Type": str(operation.media_type)}
    sender.refused(413, headers=headers, content_length=limit + 1)
    sender.refused(411, headers=headers)


@pytest.mark.parametrize("operation", TAKE_NOTHING, ids=by_id)
def test_a_body_where_none_is_wanted_is_bounded_all_the_same(
    operation: Operation, services: Services, owned: Estate
) -> None:
    sender = Sender(operation, services, owned)
    sender.refused(400, 403, 404, 413, 422, data=b"x" * (MAX_BODY + 1))


@pytest.mark.parametrize("operation", OPERATIONS, ids=by_id)
def test_what_is_unknown_or_too_long_in_the_query_is_refused_by_name(
    operation: Operation, services: Services, owned: Estate
) -> None:
    sender, headers = Sender(operation, services, owned), {}
    if operation.media_type is not None:
        headers["Content-Type"] = operation.media_type
    body = {"data": b"{}", "headers": headers} if headers else {}
    answer = sender.refused(400, query_string="surprise=1", **body)
    assert "surprise" in answer.text
    sender.refused(414, query_string="q=" + "x" * (MAX_QUERY + 1), **body)
    sender.refused(400, query_string="page_size=%ff%fe", **body)


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.method == "POST"], ids=by_id
)
def test_an_idempotency_key_is_bounded(
    operation: Operation, services: Services, owned: Estate
) -> None:
    keyed = any(each["name"] == "Idempotency-Key" for each in operation.parameters)
    assert keyed is not operation.is_for_operators
    if not keyed or not operation.takes_json:
        return
    sender = Sender(operation, services, owned)
    headers = {"Content-Type": str(operation.media_type), "Idempotency-Key": "x" * 256}
    sender.refused(400, 422, data=b"{}", headers=headers)


def test_page_tokens_that_were_tampered_with_are_refused(owned: Estate) -> None:
    lists = [
        each
        for each in OPERATIONS
        if any(parameter["name"] == "page_token" for parameter in each.parameters)
        and not each.is_for_operators
    ]
    assert len(lists) > 5
    for operation in lists:
        path = operation.path.format_map(owned.ids)
        owner = owned.owner(operation.service)
        for token in ("nonsense", "A" * 200, "é", "../../etc/passwd"):
            answer = owner.get(path, query_string={"page_token": token})
            assert answer.status_code == 400, f"{operation.id}: {answer.text}"
            assert answer.json["code"]
