"""A whole person: normal form, doubts and score together, with pointers that lead to the right field."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.quality.normalise import Defaults, full_name_of, normalise_person
from contacts.quality.person import ContactEntry, PersonEntry, PersonRecord
from contacts.quality.plausibility import implausible_entries
from contacts.quality.postal_address import PostalAddress
from contacts.quality.score import Score, score

TODAY = date(2026, 6, 1)
TAIWAN = Defaults("TW")
COMPLETE = PersonEntry(
    given_name="小明",
    family_name="王",
    emails=(ContactEntry("Wang.XM@Gmail.com", "work", primary=True),),
    phones=(ContactEntry("0936-182-736", "mobile"),),
    line_ids=("wangxm",),
    postal_addresses=(PostalAddress(("106臺北市大安區羅斯福路四段1號",)),),
    company_name="台積電",
    birthday="1985-03-05",
    language="zh_TW",
    source="web",
    tags=("vip",),
)


def assessed(entry: PersonEntry) -> Score:
    person = normalise_person(entry, TAIWAN)
    return score(person.record, person.problems, implausible_entries(person.record, TODAY))


def flags_of(entry: PersonEntry) -> list[tuple[str, str, str]]:
    flags = implausible_entries(normalise_person(entry, TAIWAN).record, TODAY)
    assert all(flag.message for flag in flags)
    return [(flag.code, flag.pointer, flag.severity) for flag in flags]


def test_a_person_comes_out_in_normal_form() -> None:
    found = normalise_person(COMPLETE, TAIWAN)
    record = found.record
    assert found.problems == ()
    assert record.full_name == "王小明"
    assert [email.address for email in record.emails] == ["Wang.XM@gmail.com"]
    assert [phone.e164 for phone in record.phones] == ["+886936182736"]
    assert found.email_entries == COMPLETE.emails
    assert found.phone_entries == COMPLETE.phones
    assert record.postal_addresses[0].region == "臺北市"
    assert record.birthday == date(1985, 3, 5)
    assert record.language == "zh-TW"


def test_every_problem_points_at_its_field() -> None:
    wrong = PersonEntry(
        given_name="...",
        emails=(ContactEntry("a@b.tw"), ContactEntry("nothing")),
        phones=(ContactEntry("12"), ContactEntry("")),
        postal_addresses=(PostalAddress(("x",)), PostalAddress(("y",), postal_code="999")),
        birthday="1990-02-30",
        language="Klingonese",
        time_zone="Mars",
        lifecycle_stage="friend",
    )
    found = {problem.pointer: problem.code for problem in normalise_person(wrong, TAIWAN).problems}
    assert found == {
        "/given_name": "name_without_letters",
        "/emails/1/address": "email_without_at",
        "/phones/0/number": "phone_too_short",
        "/postal_addresses/1/postal_code": "postal_code_invalid",
        "/birthday": "date_impossible",
        "/language": "language_unknown",
        "/time_zone": "time_zone_unknown",
        "/lifecycle_stage": "lifecycle_stage_unknown",
    }


def test_a_value_given_twice_is_kept_once_with_the_first_label() -> None:
    entry = PersonEntry(
        emails=(ContactEntry("a.b@gmail.com", "home"), ContactEntry("AB@googlemail.com", "work")),
        phones=(ContactEntry("0936182736", "home"), ContactEntry("+886 936 182 736", "work")),
    )
    found = normalise_person(entry, TAIWAN)
    assert [entry.label for entry in found.email_entries] == ["home"]
    assert [entry.label for entry in found.phone_entries] == ["home"]
    assert (len(found.record.emails), len(found.record.phones)) == (1, 1)


@pytest.mark.parametrize(
    ("given_name", "family_name", "full_name"),
    [
        ("小明", "王", "王小明"),
        ("Mary", "Ann", "Mary Ann"),
        ("민준", "김", "김민준"),
        ("José", "Núñez", "José Núñez"),
        ("", "王", "王"),
        ("", "", ""),
    ],
)
def test_a_full_name_is_made_in_the_order_of_its_script(
    given_name: str, family_name: str, full_name: str
) -> None:
    assert full_name_of(given_name, family_name) == full_name


@pytest.mark.parametrize(
    ("name", "code", "severity"),
    [
        ("Mickey Mouse", "name_invented", "high"),
        ("米老鼠", "name_invented", "high"),
        ("測試", "name_placeholder", "high"),
        ("Test Test", "name_placeholder", "high"),
        ("Test Chen", "name_placeholder", "high"),
        ("N/A", "name_placeholder", "high"),
        ("先生", "name_placeholder", "high"),
        ("asdf", "name_keyboard_row", "high"),
        ("Qwer Tyui", "name_keyboard_row", "high"),
        ("asdasd", "name_keyboard_row", "high"),
        ("ㄆㄊㄍㄐ", "name_keyboard_row", "high"),
        ("ㄨㄤˊ", "name_phonetic_symbols", "medium"),
        ("X", "name_single_character", "medium"),
        ("aaaa", "name_repeated_character", "high"),
        ("0912345678", "name_is_number", "high"),
        ("a@b.tw", "name_is_email", "high"),
        ("visit www.spam.com", "name_is_link", "high"),
        ("Wang2", "name_has_digits", "low"),
        ("John John", "name_parts_equal", "low"),
    ],
)
def test_a_name_that_is_nobody_s_is_flagged(name: str, code: str, severity: str) -> None:
    assert flags_of(PersonEntry(full_name=name)) == [(code, "/full_name", severity)]


@pytest.mark.parametrize(
    "name",
    [
        "王小明",
        "Jennifer Null",
        "Bar Refaeli",
        "Wert",
        "Ng",
        "Bob Lee",
        "陳怡君",
        "O'Brien",
        "Anna",
        "Xi Li",
        "Na Li",
    ],
)
def test_an_ordinary_or_rare_name_is_not_flagged(name: str) -> None:
    assert flags_of(PersonEntry(full_name=name)) == []


def test_a_name_copied_from_the_address_is_flagged() -> None:
    entry = PersonEntry(full_name="wang.xm88", emails=(ContactEntry("wang.xm88@acme.tw"),))
    assert ("name_is_email", "/full_name", "low") in flags_of(entry)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("wang@example.com", "email_example_domain"),
        ("wang@mailinator.com", "email_disposable"),
        ("wang@in.mailinator.com", "email_disposable"),
        ("wang@gmial.com", "email_domain_misspelt"),
        ("abc@abc.tw", "email_placeholder"),
        ("none@acme.tw", "email_placeholder"),
        ("qwerty@gmail.com", "email_keyboard_row"),
        ("info@acme.tw", "email_shared"),
    ],
)
def test_an_address_that_nobody_reads_is_flagged(address: str, code: str) -> None:
    entry = PersonEntry(emails=(ContactEntry("wang@acme.tw"), ContactEntry(address)))
    assert [(c, p) for c, p, _ in flags_of(entry)] == [(code, "/emails/1/address")]


def test_an_address_without_a_domain_is_refused_before_it_could_be_flagged() -> None:
    found = normalise_person(PersonEntry(emails=(ContactEntry("test@test"),)))
    assert [problem.code for problem in found.problems] == ["email_domain_invalid"]


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        ("0912345678", ["phone_sequence"]),
        ("0900000000", ["phone_sequence"]),
        ("0987654321", ["phone_sequence"]),
        ("0912121212", ["phone_sequence"]),
        ("+12025550123", ["phone_fictional"]),
        ("0936182736", []),
    ],
)
def test_a_number_that_is_a_pattern_is_flagged(number: str, codes: list[str]) -> None:
    assert [code for code, _, _ in flags_of(PersonEntry(phones=(ContactEntry(number),)))] == codes


@pytest.mark.parametrize(
    ("birthday", "codes"),
    [
        ("2026-06-02", ["birthday_in_future"]),
        ("2026-06-01", []),
        ("1900-01-01", ["birthday_default"]),
        ("1905-06-01", ["birthday_too_long_ago"]),
        ("1906-06-01", []),
    ],
)
def test_a_birthday_that_cannot_be_is_flagged(birthday: str, codes: list[str]) -> None:
    assert [code for code, _, _ in flags_of(PersonEntry(birthday=birthday))] == codes


def test_a_complete_person_scores_one_hundred_and_an_empty_one_nothing() -> None:
    assert assessed(COMPLETE) == Score(100, 30, 30, 20, 20, ())
    assert assessed(PersonEntry()).total == 0


def test_the_reasons_explain_every_missing_point_of_a_poor_record() -> None:
    found = assessed(PersonEntry(full_name="王小明", phones=(ContactEntry("0912345678"),)))
    lost = {reason.code: reason.points_lost for reason in found.reasons}
    assert lost == {
        "name_parts_missing": 3,
        "context_missing": 6,
        "birthday_missing": 4,
        "language_missing": 3,
        "source_missing": 3,
        "classification_missing": 2,
        "email_missing": 12,
        "messenger_missing": 4,
        "postal_address_missing": 2,
        "phone_sequence": 10,
    }
    assert found.total == 100 - sum(lost.values())


def test_a_fixed_line_counts_less_than_a_mobile_number() -> None:
    fixed = assessed(PersonEntry(full_name="王小明", phones=(ContactEntry("02-2712-8460"),)))
    mobile = assessed(PersonEntry(full_name="王小明", phones=(ContactEntry("0936182736"),)))
    assert mobile.total - fixed.total == 4


entries = st.builds(
    PersonEntry,
    given_name=st.sampled_from(["", "Mary", "小明", "...", "asdf"]),
    family_name=st.sampled_from(["", "Wang", "王"]),
    emails=st.lists(
        st.sampled_from(["a@b.tw", "nothing", "", "x@mailinator.com"]).map(ContactEntry), max_size=3
    ).map(tuple),
    phones=st.lists(
        st.sampled_from(["0936182736", "0912345678", "12", ""]).map(ContactEntry), max_size=3
    ).map(tuple),
    birthday=st.sampled_from(["", "1985-03-05", "2030-01-01", "x"]),
    language=st.sampled_from(["", "zh-TW", "x-x"]),
    company_name=st.sampled_from(["", "台積電"]),
)


@given(entries)
def test_a_score_is_the_sum_of_its_parts_within_bounds(entry: PersonEntry) -> None:
    found = assessed(entry)
    parts = (found.completeness, found.reachability, found.validity, found.plausibility)
    assert found.total == sum(parts)
    assert all(0 <= part <= bound for part, bound in zip(parts, (30, 30, 20, 20), strict=True))
    assert found.total + sum(reason.points_lost for reason in found.reasons) >= 100


@given(entries)
def test_adding_a_good_address_never_lowers_the_score(entry: PersonEntry) -> None:
    better = PersonEntry(
        **{
            field: getattr(entry, field)
            for field in (
                "given_name",
                "family_name",
                "phones",
                "birthday",
                "language",
                "company_name",
            )
        },
        emails=(*entry.emails, ContactEntry("mary@acme.tw")),
    )
    assert assessed(better).total >= assessed(entry).total


def test_a_record_without_anything_has_no_doubts() -> None:
    assert implausible_entries(PersonRecord(), TODAY) == ()
