"""JSON bodies are bounded and refused before any schema sees them."""

from datetime import UTC, datetime

import orjson
import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from chassis.http.body import (
    MAX_BODY,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_STRING,
    Body,
    Moment,
    parse_json,
    read_json,
)
from chassis.http.problem import HttpProblem


class Example(Body):
    name: str
    count: int = 0


def request(data: bytes, media_type: str = "application/json") -> Request:
    return Request(EnvironBuilder(method="POST", data=data, content_type=media_type).get_environ())


def refusal(data: bytes, media_type: str = "application/json") -> HttpProblem:
    with pytest.raises(HttpProblem) as caught:
        read_json(request(data, media_type), Example, ("application/json",))
    return caught.value


def test_a_body_that_fits_becomes_the_model() -> None:
    model, raw = read_json(request(b'{"name": "\xe7\x8e\x8b"}'), Example, ("application/json",))
    assert model == Example(name="王")
    assert raw.startswith(b"{")


def test_unparsable_json_is_a_400_that_says_where() -> None:
    problem = refusal(b'{"name": }')
    assert (problem.status, problem.code) == (400, "json_unparsable")
    assert "line 1 column 10" in problem.message


def test_bytes_that_are_not_utf_8_are_named_by_offset() -> None:
    problem = refusal(b'{"name": "\xff"}')
    assert problem.status == 400
    assert "offset 10" in problem.message


def test_an_empty_body_is_a_400() -> None:
    assert refusal(b"").code == "body_missing"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_000, 10_000])
def test_nesting_beyond_the_bound_is_refused_with_the_bound(depth: int) -> None:
    problem = refusal(b'{"name": ' + b"[" * depth + b"]" * depth + b"}")
    assert problem.status in (400, 422)
    assert str(MAX_DEPTH) in problem.message


def test_nesting_at_the_bound_passes() -> None:
    nested = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert isinstance(parse_json(nested), list)


def test_long_strings_and_arrays_are_refused_with_the_bound() -> None:
    too_long = orjson.dumps({"name": "x" * (MAX_STRING + 1)})
    assert str(MAX_STRING) in refusal(too_long).message
    too_many = orjson.dumps({"name": [0] * (MAX_ITEMS + 1)})
    assert str(MAX_ITEMS) in refusal(too_many).message


def test_a_body_over_the_limit_is_a_413_with_the_limit() -> None:
    problem = refusal(b" " * (MAX_BODY + 1))
    assert problem.status == 413
    assert str(MAX_BODY) in problem.message


def test_a_body_without_a_declared_length_is_cut_off_at_the_limit() -> None:
    builder = EnvironBuilder(
        method="POST", data=b" " * (MAX_BODY + 10), content_type="application/json"
    )
    environ = builder.get_environ()
    del environ["CONTENT_LENGTH"]
    environ["wsgi.input_terminated"] = True
    with pytest.raises(HttpProblem) as caught:
        read_json(Request(environ), Example, ("application/json",))
    assert caught.value.status == 413


def test_a_null_character_is_refused_wherever_it_hides() -> None:
    assert refusal(b'{"name": "a\\u0000b"}').code == "json_out_of_bounds"
    assert refusal(b'{"a\\u0000b": 1}').code == "json_out_of_bounds"


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775809", "18446744073709551615", "1" * 300]
)
def test_a_whole_number_of_more_than_64_bits_is_refused_wherever_it_hides(number: str) -> None:
    body = f'{{"name": "a", "count": [{{"deep": {number}}}]}}'
    assert refusal(body.encode()).code == "json_out_of_bounds"


@pytest.mark.parametrize("number", ["9223372036854775807", "-9223372036854775808", "1e300"])
def test_a_number_of_64_bits_and_digits_in_a_text_pass(number: str) -> None:
    value = parse_json(f'{{"count": {number}, "name": "{"9" * 50}"}}'.encode())
    assert value["count"] == float(number) or value["count"] == int(number)


def test_another_media_type_is_a_415() -> None:
    assert refusal(b"{}", "text/plain").status == 415


def test_each_wrong_value_is_named_by_its_pointer() -> None:
    problem = refusal(b'{"name": 1, "count": "2", "x/y": 3}')
    assert problem.status == 422
    assert {v.pointer for v in problem.violations} == {"/name", "/count", "/x~1y"}


def test_a_body_that_is_no_object_is_a_422() -> None:
    assert refusal(b"[1]").code == "not_an_object"


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_but_a_problem(data: bytes) -> None:
    refused: int | None = None
    try:
        parse_json(data)
    except HttpProblem as problem:
        refused = problem.status
    assert refused in (None, 400, 422)


@pytest.mark.parametrize("extra", [0, 1])
def test_a_body_is_bounded_alike_with_and_without_a_walk(extra: int) -> None:
    """Small bodies are not walked when their text shows that nothing in them can be too much."""
    depth, items = MAX_DEPTH + extra, MAX_ITEMS + extra
    for raw in (b"[" * depth + b"]" * depth, b"[" + b",".join([b"1"] * items) + b"]"):
        if extra:
            with pytest.raises(HttpProblem, match=r"more than|deeper"):
                parse_json(raw)
        else:
            assert parse_json(raw)
    assert parse_json(b"[" + b"[]," * 40 + b"1]")[-1] == 1
    with pytest.raises(HttpProblem, match=r"U\+0000"):
        parse_json(b'["\\u0000"]')


class Timed(Body):
    at: Moment


def test_a_time_is_had_in_utc_and_refused_where_that_leaves_the_calendar() -> None:
    def read(text: str) -> Timed:
        body = orjson.dumps({"at": text})
        return read_json(request(body), Timed, ("application/json",))[0]

    assert read("2026-01-31T12:00:00+08:00").at == datetime(2026, 1, 31, 4, tzinfo=UTC)
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "2026-01-31T12:00:00"):
        with pytest.raises(HttpProblem) as caught:
            read(text)
        assert [one.pointer for one in caught.value.violations] == ["/at"]
