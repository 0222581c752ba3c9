"""Query strings are read strictly."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from chassis.http.page_token import PageTokens
from chassis.http.problem import HttpProblem
from chassis.http.query_string import Query, parted, read_listing, read_nothing, read_query
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    integer_filter,
    text_filter,
    time_filter,
    uuid_filter,
)

table = sa.table(
    "things",
    sa.column("id", sa.Uuid()),
    sa.column("name", sa.Text()),
    sa.column("size", sa.BigInteger()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
SPEC = ListSpec(
    key=table.c.id,
    sorts={"created_at": table.c.created_at, "name": table.c.name},
    default_sort="-created_at",
    filters={
        "name": text_filter(table.c.name, "prefix"),
        "size": integer_filter(table.c.size),
        "created_at": time_filter(table.c.created_at),
        "owner_id": uuid_filter(table.c.id),
        "kind": choice_filter(table.c.name, "a", "b"),
    },
    searchable=True,
    expands=("owner",),
    open_prefixes=("custom.",),
)
tokens = PageTokens("a secret of the tests that is long enough")


def listing(query: list[tuple[str, str]]) -> Listing:
    return read_listing(MultiDict(query), SPEC, tokens, "things")


def refused(query: list[tuple[str, str]]) -> str:
    """The name of the parameter that the refusal is about."""
    with pytest.raises(HttpProblem) as caught:
        listing(query)
    assert caught.value.status == 400
    return caught.value.violations[0].pointer


def sql(request: Listing) -> str:
    return str(request.apply(sa.select(table)).compile(compile_kwargs={"literal_binds": True}))


def test_without_parameters_the_defaults_hold() -> None:
    request = listing([])
    assert (request.page_size, request.count, request.query) == (50, False, None)
    assert sql(request).endswith("ORDER BY things.created_at DESC, things.id DESC\n LIMIT 51")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("name[like]", "x"),
        ("name[", "x"),
        ("size", "many"),
        ("size[gte]", "9" * 30),
        ("size", "²"),
        ("created_at[gte]", "yesterday"),
        ("created_at[gte]", "2026-01-01T00:00:00"),
        ("owner_id", "1"),
        ("kind", "c"),
        ("kind[in]", "a,c"),
        ("page_size", "0"),
        ("page_size", "201"),
        ("page_size", "1e2"),
        ("page_token", "made-up"),
        ("sort", "size"),
        ("sort", "name,name"),
        ("count", "yes"),
        ("expand", "company"),
        ("q", " "),
        ("q", "x" * 201),
        ("name", "a\x00b"),
        ("custom.colour[like]", "red"),
    ],
)
def test_a_wrong_parameter_is_a_400_that_names_it(name: str, value: str) -> None:
    assert refused([(name, value)]) == name


def test_a_repeated_parameter_is_refused() -> None:
    assert refused([("name", "a"), ("name", "b")]) == "name"


def test_operators_become_conditions() -> None:
    text = sql(listing([("size[gte]", "3"), ("name[in]", "a,b"), ("name[prefix]", "x")]))
    assert "things.size >= 3" in text
    assert "things.name IN ('a', 'b')" in text
    assert "things.name >= 'x'" in text


def test_open_filters_are_handed_on() -> None:
    (custom,) = listing([("custom.colour[in]", "red,blue")]).open_filters
    assert (custom.name, custom.operator, custom.text) == ("custom.colour", "in", "red,blue")


def test_a_token_holds_only_for_the_same_filters_and_order() -> None:
    token = listing([("name", "a")]).issue(["x", "y"])
    assert listing([("name", "a"), ("page_token", token)]).position == ["x", "y"]
    assert refused([("name", "b"), ("page_token", token)]) == "page_token"
    assert refused([("name", "a"), ("sort", "name"), ("page_token", token)]) == "page_token"


def test_the_page_size_may_change_from_page_to_page() -> None:
    token = listing([]).issue(["x", "y"])
    assert listing([("page_size", "7"), ("page_token", token)]).page_size == 7


def test_mixed_directions_go_on_column_by_column() -> None:
    token = listing([("sort", "-created_at,name")]).issue(["2026-01-01", "m", "i"])
    request = listing([("sort", "-created_at,name"), ("page_token", token)])
    text = str(request.apply(sa.select(table)))
    assert "things.created_at < " in text
    assert "things.name > " in text


def test_a_route_without_parameters_takes_none() -> None:
    with pytest.raises(HttpProblem, match="is not a parameter here"):
        read_nothing(MultiDict([("x", "1")]))


def test_a_query_model_names_what_is_wrong() -> None:
    class Example(Query):
        dry_run: bool = False

    assert read_query(MultiDict([("dry_run", "true")]), Example).dry_run
    with pytest.raises(HttpProblem) as caught:
        read_query(MultiDict([("dry_run", "maybe"), ("more", "1")]), Example)
    assert {v.pointer for v in caught.value.violations} == {"dry_run", "more"}


@pytest.mark.parametrize("name", ["page_size", "page_token", "count"])
def test_a_whole_list_has_no_pages_to_ask_for(name: str) -> None:
    whole = replace(SPEC, whole=True)
    assert (
        read_listing(MultiDict([("sort", "name")]), whole, tokens, "things").sorts[0].name == "name"
    )
    with pytest.raises(HttpProblem) as caught:
        read_listing(MultiDict([(name, "1")]), whole, tokens, "things")
    assert caught.value.violations[0].pointer == name


def test_the_parameters_of_a_list_and_of_its_route_are_told_apart() -> None:
    class Example(Query):
        format: str = "csv"

    given = MultiDict([("format", "xlsx"), ("name", "a"), ("format", "csv"), ("x", "1")])
    own, rest = parted(given, Example)
    assert own.getlist("format") == ["xlsx", "csv"]
    assert list(rest.items(multi=True)) == [("name", "a"), ("x", "1")]
