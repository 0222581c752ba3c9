"""Plans: what people type finds whom they mean, ranked as they expect; shown on an index in memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.search.correction import corrected
from contacts.search.plan import SearchPlan, parse_query
from contacts.search.ranking import Hit, in_order, rank
from contacts.search.terms import Kind

from .index_double import MemoryIndex


@pytest.fixture
def index() -> MemoryIndex:
    people = MemoryIndex()
    people.add("王小明", ["wang.xm@gmail.com"], ["+886912345678"])
    people.add("王大明", ["ming@acme.com.tw"], ["+886922000111"])
    people.add("Mary Wang", ["mary@acme.com.tw"], ["+12025550199"])
    people.add("Mary Jane Watson", ["mj.watson@bugle.com"])
    people.add("José Núñez")
    people.add("Christopher Johnson")
    people.add("Wangari Maathai")
    people.add("山田 太郎")
    return people


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("小明", ["王小明"]),
        ("明", ["王大明", "王小明"]),
        ("王 明", ["王大明", "王小明"]),
        ("小明 王", ["王小明"]),
        ("太郎", ["山田 太郎"]),
        ("山田太郎", ["山田 太郎"]),
        ("mary", ["Mary Wang", "Mary Jane Watson"]),
        ("mary w", ["Mary Wang", "Mary Jane Watson"]),
        ("watson mary", ["Mary Jane Watson"]),
        ("jane watson", ["Mary Jane Watson"]),
        ("jose nunez", ["José Núñez"]),
        ("NÚÑEZ", ["José Núñez"]),
        ("wang", ["Mary Wang", "Wangari Maathai", "王小明"]),
        ("wang.x", ["王小明"]),
        ("wangxm@gm", ["王小明"]),
        ("wang.xm@gmail.com", ["王小明"]),
        ("@acme", ["王大明", "Mary Wang"]),
        ("bugle.com", ["Mary Jane Watson"]),
        ("0912345678", ["王小明"]),
        ("0912-345", ["王小明"]),
        ("5678", ["王小明"]),
        ("345678", ["王小明"]),
        ("+886 912", ["王小明"]),
        ("00886912", ["王小明"]),
        ("886912345678", ["王小明"]),
        ("(202) 555-0199", ["Mary Wang"]),
        ("小明 0912", ["王小明"]),
        ("小明 0922", []),
        ("mary @acme", ["Mary Wang"]),
        ("jonhson", ["Christopher Johnson"]),
        ("cristoper", ["Christopher Johnson"]),
        ("chirst", ["Christopher Johnson"]),
        ("christopher jonhson", ["Christopher Johnson"]),
        ("wtason mary", ["Mary Jane Watson"]),
        ("jhonson crhistopher", ["Christopher Johnson"]),
        ("mraj wtason", []),
        ("wtason @bugle", ["Mary Jane Watson"]),
        ("wtason @acme", []),
        ("nobody", []),
    ],
)
def test_typing_finds_whom_one_means(index: MemoryIndex, typed: str, names: list[str]) -> None:
    assert index.find(typed) == names


@pytest.mark.parametrize("typed", ["", "   ", "!?", "@", "+", "%_\\", "\x00"])
def test_nothing_to_search_makes_an_empty_plan(typed: str) -> None:
    assert parse_query(typed, "TW").is_empty


@given(st.text(max_size=150), st.sampled_from(["", "TW", "US"]))
def test_no_text_makes_a_plan_raise_or_grow_without_bound(text: str, region: str) -> None:
    plan = parse_query(text, region)
    assert len(plan.direct) <= 5
    assert len(plan.drivers) <= 12
    for driver in plan.drivers:
        assert all(p.strip("% ").isprintable() and p.count("%") == 2 for p in driver.patterns)
        assert "_" not in "".join(driver.patterns)
    ranges = (*plan.direct, *(r for driver in plan.drivers for r in driver.ranges))
    assert all(r.high is None or r.low < r.high for r in ranges)
    assert all(0 < len(r.low) <= 64 for r in ranges)


@given(
    st.lists(
        st.sampled_from(["王", "小明", "mary", "wang", "jane"]), min_size=1, max_size=4, unique=True
    )
)
def test_the_words_of_a_name_find_it_in_any_order(words: list[str]) -> None:
    index = MemoryIndex()
    name = "王小明 Mary Jane Wang"
    index.add(name)
    assert index.find(" ".join(words)) == [name]


def test_a_whole_name_goes_before_whole_words_before_beginnings_before_corrections() -> None:
    index = MemoryIndex()
    for name in ("Lin", "Lin Mei", "Linda"):
        index.add(name)
    assert index.find("lin") == ["Lin", "Lin Mei", "Linda"]


def _corrected(typed: str, **found: str) -> tuple[SearchPlan, ...]:
    """The plans that replace the first word that was typed by the one given."""
    correction = corrected(parse_query(typed), frozenset({0}), {0: frozenset(found.values())})
    assert correction is not None
    return correction.plans


def test_the_best_hit_of_a_record_counts_and_corrected_ones_count_less() -> None:
    index = MemoryIndex()
    record = index.add("Johnson")
    plans = _corrected("jonhson", meant="johnson")
    hits = [Hit(record, Kind.MAIL, "mjohnson.com"), Hit(record, Kind.NAME, "njohnson")]
    best = rank(plans, hits)
    assert [ranked.kind for ranked in in_order(best)] == [Kind.NAME]
    exact = rank((parse_query("johnson"),), hits, best)
    assert in_order(exact)[0].points > rank(plans, hits)[record].points


def test_a_corrected_plan_is_not_corrected_again() -> None:
    (plan,) = _corrected("jonhson", meant="johnson")
    assert plan.is_corrected
    assert plan.spellings == ()


def test_a_word_that_is_near_to_nothing_cannot_be_corrected() -> None:
    plan = parse_query("jonhson mary")
    assert corrected(plan, frozenset({0, 1}), {0: frozenset({"johnson"})}) is None


def test_words_between_the_corrected_ones_are_looked_for_by_the_word_that_stays() -> None:
    correction = corrected(parse_query("wtason mary"), frozenset({0}), {0: frozenset({"watson"})})
    assert correction is not None
    (driver,) = correction.drivers
    assert (driver.ranges[0].low, driver.alternatives) == ("nmary", ("% watson%",))
