"""Names keep what people wrote but for invisible characters; dates are read in every common way, never guessed."""

# ruff: noqa: RUF001 - full-width and look-alike characters are what is tested

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.quality.calendar_date import normalise_date
from contacts.quality.names import clean_line, normalise_name
from contacts.quality.problem import Problem


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("  Mary \t Ann\n", "Mary Ann"),
        ("王\u3000小明", "王 小明"),
        ("王\u200b小\ufeff明", "王小明"),
        ("Jose\u0301", "José"),
        ("\u202eevil\u202c", "evil"),
        ("O\u00adNeill", "ONeill"),
        ("de la CRUZ", "de la CRUZ"),
        ("McDonald", "McDonald"),
        ("a\u200db", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("x\ud800y", "xy"),
        ("A\x00B", "A B"),
        ("", ""),
    ],
)
def test_a_name_loses_only_what_nobody_sees(written: str, name: str) -> None:
    assert normalise_name(written) == name


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("x" * 201, "name_too_long"),
        ("x" * 100_000, "name_too_long"),
        ("- . -", "name_without_letters"),
    ],
)
def test_what_cannot_be_a_name_is_a_problem(written: str, code: str) -> None:
    found = normalise_name(written)
    assert isinstance(found, Problem)
    assert found.code == code


@given(st.text(max_size=150))
def test_a_cleaned_line_is_one_line_in_normal_form_and_stays_itself(text: str) -> None:
    line = clean_line(text)
    assert clean_line(line) == line
    assert unicodedata.is_normalized("NFC", line)
    assert line == " ".join(line.split())
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in line)


@pytest.mark.parametrize(
    "written",
    [
        "1985-03-05",
        "1985-3-5",
        "19850305",
        "1985/03/05",
        "1985.3.5",
        "1985年3月5日",
        "１９８５年３月５日",
        "民國74年3月5日",
        "民國74/3/5",
        "ROC 74-03-05",
        "5 Mar 1985",
        "5th March 1985",
        "March 5, 1985",
        "05-Mar-1985",
        "1985-03-05T00:00:00Z",
        "1985-03-05 00:00:00",
    ],
)
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    assert normalise_date(written) == date(1985, 3, 5)


def test_day_and_month_in_doubtful_order_are_not_guessed() -> None:
    found = normalise_date("3/4/1990")
    assert isinstance(found, Problem)
    assert found.code == "date_ambiguous"
    assert normalise_date("3/4/1990", day_first=True) == date(1990, 4, 3)
    assert normalise_date("3/4/1990", day_first=False) == date(1990, 3, 4)
    assert normalise_date("13/4/1990") == normalise_date("4/13/1990") == date(1990, 4, 13)
    assert normalise_date("4/4/1990") == date(1990, 4, 4)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1985-02-30", "date_impossible"),
        ("0000-01-01", "date_impossible"),
        ("5 Foo 1985", "date_impossible"),
        ("--03-05", "date_without_year"),
        ("3月5日", "date_without_year"),
        ("tomorrow", "date_unreadable"),
        ("9" * 1000, "date_unreadable"),
    ],
)
def test_what_is_no_day_says_why(written: str, code: str) -> None:
    found = normalise_date(written)
    assert isinstance(found, Problem)
    assert found.code == code


def test_an_empty_date_is_none() -> None:
    assert normalise_date(" ") is None


@given(st.dates(), st.sampled_from(["{0:%Y}-{1}-{2}", "{0:%Y}/{1}/{2}", "{0:%Y}年{1}月{2}日"]))
def test_every_day_survives_writing_and_reading(day: date, form: str) -> None:
    year = f"{day.year:04d}"
    text = form.replace("{0:%Y}", year).format(None, day.month, day.day)
    assert normalise_date(text) == day


@given(st.text("0123456789/-.年月日民國ROC: ", max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(normalise_date(text), date | Problem | None)
