"""Postal addresses: parts in their places, Taiwan's codes checked against its counties, one key for one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.quality.postal_address import PostalAddress, normalise_postal_address
from contacts.quality.taiwan_address import (
    is_taiwan_postal_code,
    region_of_postal_code,
    split_taiwan_line,
)

HOME = PostalAddress(("羅斯福路四段1號",), "大安區", "臺北市", "10617", "TW")


@pytest.mark.parametrize(
    "written",
    [
        PostalAddress(("10617臺北市大安區羅斯福路四段1號",)),
        PostalAddress(("106-17 台北市 大安區 羅斯福路四段1號",)),
        PostalAddress(("台灣 台北市大安區羅斯福路四段１號",), postal_code="10617"),
        PostalAddress(("台北市大安區羅斯福路四段1號",), postal_code="106-17", country="台灣"),
        PostalAddress(("大安區羅斯福路四段1號",), "", "台北市", "10617")._replace(
            lines=("臺北市大安區羅斯福路四段1號",)
        ),
        PostalAddress(("羅斯福路四段1號",), "大安區", "台北", "10617", "tw"),
    ],
)
def test_an_address_in_taiwan_is_taken_apart(written: PostalAddress) -> None:
    assert normalise_postal_address(written, "TW") == (HOME, ())


@pytest.mark.parametrize(
    ("line", "region", "city", "rest"),
    [
        ("高雄市前鎮區中山三路1號", "高雄市", "前鎮區", "中山三路1號"),
        ("桃園市平鎮區延平路1號", "桃園市", "平鎮區", "延平路1號"),
        ("臺南市新市區中興街1號", "臺南市", "新市區", "中興街1號"),
        ("台灣省彰化縣員林市中山路1號", "彰化縣", "員林市", "中山路1號"),
        ("新竹縣竹北市光明六路10號", "新竹縣", "竹北市", "光明六路10號"),
        ("新竹市東區光復路1號", "新竹市", "東區", "光復路1號"),
        ("屏東縣三地門鄉中正路1號", "屏東縣", "三地門鄉", "中正路1號"),
        ("南投縣魚池鄉中山路1號", "南投縣", "魚池鄉", "中山路1號"),
    ],
)
def test_districts_and_townships_are_not_cut_short(
    line: str, region: str, city: str, rest: str
) -> None:
    assert split_taiwan_line(line) == ("", region, city, rest)


def test_a_line_that_begins_with_a_house_number_is_left_alone() -> None:
    written = PostalAddress(("100 Main St",), country="TW")
    assert normalise_postal_address(written)[0].lines == ("100 Main St",)


def test_a_county_in_the_field_for_the_city_is_moved_up() -> None:
    found, problems = normalise_postal_address(PostalAddress(("信義路1號",), "台北市"), "TW")
    assert (found.region, found.city, problems) == ("臺北市", "", ())


def test_a_postal_code_alone_tells_the_county() -> None:
    assert normalise_postal_address(PostalAddress(postal_code="970"), "TW")[0].region == "花蓮縣"


def test_a_line_that_contradicts_the_fields_is_not_taken_apart() -> None:
    written = PostalAddress(("高雄市前鎮區中山三路1號",), "", "臺北市", "", "TW")
    assert normalise_postal_address(written)[0] == written


@pytest.mark.parametrize(
    ("written", "code", "pointer"),
    [
        (
            PostalAddress(postal_code="800", region="臺北市"),
            "postal_code_elsewhere",
            "/postal_code",
        ),
        (PostalAddress(postal_code="999"), "postal_code_invalid", "/postal_code"),
        (PostalAddress(postal_code="10"), "postal_code_invalid", "/postal_code"),
        (PostalAddress(postal_code="ABC", country="US"), "postal_code_invalid", "/postal_code"),
        (PostalAddress(postal_code="1/2", country="PE"), "postal_code_invalid", "/postal_code"),
        (PostalAddress(country="Atlantis"), "country_unknown", "/country"),
        (PostalAddress(("x" * 201,)), "address_too_long", "/lines"),
        (PostalAddress(("x",) * 6), "address_too_long", "/lines"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    written: PostalAddress, code: str, pointer: str
) -> None:
    _, problems = normalise_postal_address(written, "TW")
    assert [(problem.code, problem.pointer) for problem in problems] == [(code, pointer)]


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("GB", "sw1a 1aa"),
        ("US", "10001-1234"),
        ("CA", "K1A 0B1"),
        ("JP", "100-0001"),
        ("AU", "2000"),
    ],
)
def test_good_codes_of_other_countries_pass(country: str, code: str) -> None:
    found, problems = normalise_postal_address(PostalAddress(postal_code=code, country=country))
    assert (found.postal_code, problems) == (code.upper(), ())


def test_spellings_of_one_place_have_one_key() -> None:
    other = PostalAddress(("羅斯福路四段１號",), "大安區", "台北市", "106", "TW")
    assert other.match_key == HOME.match_key
    assert other._replace(lines=("羅斯福路四段2號",)).match_key != HOME.match_key


@given(st.integers(0, 999))
def test_a_code_is_valid_exactly_when_a_county_has_it(number: int) -> None:
    code = f"{number:03d}"
    assert is_taiwan_postal_code(code) == bool(region_of_postal_code(code))


@given(
    st.builds(
        PostalAddress,
        st.lists(st.text("0123臺北市大安區 縣鄉號abc-()", max_size=30), max_size=3).map(tuple),
        st.text(max_size=10),
        st.text(max_size=10),
        st.text(max_size=10),
        st.sampled_from(["", "TW", "US", "Atlantis"]),
    )
)
def test_no_address_makes_it_raise(written: PostalAddress) -> None:
    found, problems = normalise_postal_address(written, "TW")
    assert isinstance(found, PostalAddress)
    assert all(problem.message for problem in problems)
