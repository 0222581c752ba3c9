"""Terms: every word and every piece of a name is the front of one, within bounds, whatever the script."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contacts.search.folding import fold, words_of
from contacts.search.prefix_range import prefix_end
from contacts.search.terms import MAX_ROTATIONS, MAX_TERM, index_terms

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def test_a_latin_name_is_rotated_by_words() -> None:
    assert index_terms(("Mary Jane Wang", "Mary Jane", "Wang")).terms == (
        "njane wang mary",
        "nmary jane wang",
        "nwang mary jane",
    )


def test_a_chinese_name_is_rotated_by_characters() -> None:
    assert index_terms(("王小明", "小明", "王")).terms == ("n小明 王", "n明 王小", "n王小明")


def test_blanks_within_a_chinese_or_japanese_name_do_not_part_it() -> None:
    assert "n山田太郎" in index_terms(("山田 太郎",)).terms


def test_a_legal_form_begins_no_term() -> None:
    terms = index_terms(("台積電股份有限公司",)).terms
    assert [term[1] for term in terms] == ["台", "積", "電"]


def test_a_hyphenated_name_is_also_one_word() -> None:
    entry = index_terms(("Xiao-Ming Wang",))
    assert "nxiaoming xiao ming wang" in entry.terms
    assert "nwang xiaoming xiao ming" in entry.terms
    assert entry.words == {"xiao", "ming", "xiaoming", "wang"}


def test_a_name_in_two_scripts_is_found_by_both() -> None:
    terms = index_terms(("王小明 Mary Wang",)).terms
    assert {term[1:3] for term in terms} >= {"王小", "小明", "ma", "wa"}


def test_mail_terms_are_what_the_name_and_the_address_do_not_say_already() -> None:
    terms = index_terms(("Mary Wang",), emails=("mary.wang.sales@Acme.com.tw",)).terms
    assert [term for term in terms if term[0] == "m"] == ["macme.com.tw", "msales"]
    assert index_terms((), emails=("wang@gmail.com",)).terms == ()


def test_the_domain_of_a_company_is_a_term() -> None:
    entry = index_terms(("Acme Foods Inc.",), emails=("@acme.com.tw",))
    assert entry.terms == ("macme.com.tw", "nacme foods inc", "nfoods inc acme")
    assert entry.words == {"acme", "foods"}


def test_a_phone_is_stored_by_its_end() -> None:
    assert index_terms((), phones=("+886912345678",)).terms == ("t876543219688",)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("José ÅNGSTRÖM Łódź", "jose angstrom lodz"),
        ("Straße", "strasse"),
        ("O'Brien-Smith", "obrien smith"),
        ("L\u2019Oréal", "loreal"),
        ("ＡＢＣ１２３", "abc123"),  # noqa: RUF001
        ("ﾀﾅｶ", "たなか"),
        ("ガンダム", "がんだむ"),
        ("臺積電", "台積電"),
        ("한글", "한글"),
        ("Ёлка", "елка"),
        ("हिन्दी", "हिन्दी"),
        ("a\u200bb", "ab"),
        ("!!!", ""),
    ],
)
def test_folding_makes_equal_what_looks_equal(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_scripts_without_blanks_are_parted_from_the_others() -> None:
    assert words_of(fold("台積電TSMC一廠")) == (("台積電", True), ("tsmc", False), ("一廠", True))


@given(TEXT)
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(TEXT, max_size=4))
def test_terms_are_bounded_distinct_and_in_order(names: list[str]) -> None:
    terms = index_terms(names).terms
    assert list(terms) == sorted(set(terms))
    assert len(terms) <= MAX_ROTATIONS
    assert all(1 < len(term) <= MAX_TERM for term in terms)
    assert not any(character in term for term in terms for character in "\x00%\\\n")


@given(st.text("王小明陳美玲林", min_size=1, max_size=8), st.data())
def test_every_piece_of_a_chinese_name_is_the_front_of_a_term(
    name: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert any(term.startswith(f"n{name[start:end]}") for term in index_terms((name,)).terms)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5), TEXT)
def test_a_text_is_in_the_range_exactly_when_it_begins_with_the_prefix(
    prefix: str, text: str
) -> None:
    high = prefix_end(prefix)
    for candidate in (text, prefix + text, prefix[:-1] + text):
        inside = prefix <= candidate and (high is None or candidate < high)
        assert inside == candidate.startswith(prefix)


@given(st.text(min_size=1, max_size=5))
def test_the_end_of_a_range_can_be_stored_and_keeps_its_order_in_utf8(prefix: str) -> None:
    assume(prefix.isprintable() or "\ud7ff" in prefix or "\U0010ffff" in prefix)
    high = prefix_end(prefix)
    if high is not None:
        assert high.encode() > prefix.encode()


@pytest.mark.parametrize(
    ("prefix", "end"),
    [
        ("a", "b"),
        ("az", "a{"),
        ("明", "昏"),
        ("\ud7ff", "\ue000"),
        ("a\U0010ffff", "b"),
        ("\U0010ffff", None),
        ("", None),
        ("\uffff", "\U00010000"),
    ],
)
def test_the_end_of_a_range_steps_over_what_cannot_be_stored(prefix: str, end: str | None) -> None:
    assert prefix_end(prefix) == end
