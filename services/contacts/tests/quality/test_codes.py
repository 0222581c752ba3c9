"""Countries, languages, currencies, time zones: the standard's code from whatever people and exports write."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.quality.country import normalise_country
from contacts.quality.currency import normalise_currency
from contacts.quality.language import normalise_language
from contacts.quality.problem import Problem
from contacts.quality.time_zone import normalise_time_zone


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("tw", "TW"),
        ("TWN", "TW"),
        ("158", "TW"),
        ("Taiwan", "TW"),
        ("台灣", "TW"),
        ("臺灣", "TW"),
        ("中華民國", "TW"),
        ("Taiwan, Province of China", "TW"),
        ("U.S.A.", "US"),
        ("美國", "US"),
        ("美国", "US"),
        ("德國", "DE"),
        ("United Kingdom", "GB"),
        ("south  korea", "KR"),
        ("Côte d'Ivoire", "CI"),
        ("澳門", "MO"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_country_is_known_by_code_and_by_name(written: str, code: str) -> None:
    assert normalise_country(written) == code


@pytest.mark.parametrize("country", list(pycountry.countries), ids=lambda c: str(c.alpha_2))
def test_every_country_of_the_standard_is_known_by_its_codes(country: pycountry.db.Country) -> None:
    for written in (country.alpha_2, country.alpha_3, country.numeric, country.name):
        assert normalise_country(written) == country.alpha_2


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("zh_TW", "zh-TW"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("zh_TW.UTF-8", "zh-TW"),
        ("chi", "zh"),
        ("zho", "zh"),
        ("iw", "he"),
        ("ENG", "en"),
        ("English", "en"),
        ("英文", "en"),
        ("日本語", "ja"),
        ("繁體中文", "zh-Hant"),
        ("Chinese (Traditional)", "zh-Hant"),
        ("de-1996", "de-1996"),
        ("es-419", "es-419"),
        ("", ""),
    ],
)
def test_a_language_is_known_by_tag_and_by_name(written: str, tag: str) -> None:
    assert normalise_language(written) == tag


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("twd", "TWD"),
        ("NT$", "TWD"),
        ("新台幣", "TWD"),
        ("New Taiwan dollar", "TWD"),
        ("US$", "USD"),
        ("美金", "USD"),
        ("€", "EUR"),
        ("", ""),
    ],
)
def test_a_currency_is_known_by_code_sign_and_name(written: str, code: str) -> None:
    assert normalise_currency(written) == code


@pytest.mark.parametrize("sign", ["$", "¥", "元", "kr"])
def test_a_sign_of_several_currencies_is_a_problem_that_asks_for_the_code(sign: str) -> None:
    found = normalise_currency(sign)
    assert isinstance(found, Problem)
    assert found.code == "currency_ambiguous"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Asia/Taipei", "Asia/Taipei"),
        ("asia/taipei", "Asia/Taipei"),
        ("America/New York", "America/New_York"),
        ("Taipei", "Asia/Taipei"),
        ("台北", "Asia/Taipei"),
        ("Taipei Standard Time", "Asia/Taipei"),
        ("(GMT+08:00) Taipei Standard Time (Asia/Taipei)", "Asia/Taipei"),
        ("(UTC+08:00) Taipei", "Asia/Taipei"),
        ("UTC+8", "Etc/GMT-8"),
        ("UTC", "UTC"),
        ("", ""),
    ],
)
def test_a_time_zone_is_known_by_its_names(written: str, name: str) -> None:
    assert normalise_time_zone(written) == name


RULES = {
    "country_unknown": normalise_country,
    "language_unknown": normalise_language,
    "currency_unknown": normalise_currency,
    "time_zone_unknown": normalise_time_zone,
}


@pytest.mark.parametrize("code", RULES)
@pytest.mark.parametrize("nonsense", ["Nowhere at all", "???", "x" * 100_000, "零"])
def test_what_is_no_code_and_no_name_is_a_problem(code: str, nonsense: str) -> None:
    found = RULES[code](nonsense)
    assert isinstance(found, Problem)
    assert found.code == code
    assert len(found.message) < 200


@given(st.text(max_size=60), st.sampled_from(sorted(RULES)))
def test_no_text_makes_a_rule_raise_and_a_result_stays_itself(text: str, code: str) -> None:
    found = RULES[code](text)
    if isinstance(found, str):
        assert RULES[code](found) == found


@given(st.integers(-12, 14))
def test_an_offset_means_the_same_hours_in_the_zone_that_is_found(hours: int) -> None:
    found = normalise_time_zone(f"UTC{hours:+d}")
    assert isinstance(found, str)
    noon = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(found))
    assert noon.utcoffset() == timedelta(hours=hours)
