"""Mapping: the exports of common programs are understood, values count where headers do not, nothing is claimed twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.mapping import (
    FIELDS,
    REPEATABLE,
    header_key,
    program_of,
    suggest_mapping,
)


def fields(header: str, *rows: str, region: str = "TW") -> dict[str, str]:
    names = header.split(",")
    samples = [row.split(",") for row in rows]
    return {s.header: s.field for s in suggest_mapping(names, samples, region)}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            (
                "Record ID,First Name,Last Name,Email,Phone Number,Company Name,Job Title,Lifecycle Stage,"
                "Street Address,City,State/Region,Postal Code,Country/Region,Original Source,Preferred language"
            ),
            (
                "external_id:hubspot given_name family_name emails phones company_name job_title lifecycle_stage"
                " street city region postal_code country source language"
            ),
        ),
        (
            (
                "Contact ID,FirstName,LastName,Account Name,Title,MobilePhone,MailingStreet,MailingCity,MailingState,"
                "MailingPostalCode,MailingCountry,Birthdate,LeadSource"
            ),
            (
                "external_id:salesforce given_name family_name company_name job_title phones street city region"
                " postal_code country birthday source"
            ),
        ),
        (
            (
                "First Name,Last Name,File As,Birthday,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,"
                "Phone 1 - Value,Address 1 - Street,Address 1 - City,Address 1 - Region,Address 1 - Postal Code,"
                "Address 1 - Country,Organization Name,Organization Title"
            ),
            (
                "given_name family_name full_name birthday tags ignore emails emails phones street city region"
                " postal_code country company_name job_title"
            ),
        ),
        (
            (
                "First Name,Last Name,Company,Job Title,Business Street,Business City,Business Postal Code,"
                "Business Phone,Mobile Phone,E-mail Address,E-mail 2 Address,E-mail Display Name,Categories"
            ),
            (
                "given_name family_name company_name job_title street city postal_code phones phones emails emails"
                " ignore tags"
            ),
        ),
        (
            "客戶編號,姓名,手機號碼,電子信箱,生日,縣市,鄉鎮市區,地址,郵遞區號,公司名稱,職稱,標籤,客戶來源",
            (
                "external_id:import full_name phones emails birthday region city street postal_code company_name"
                " job_title tags source"
            ),
        ),
        (
            "rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,date_of_birth",
            "external_id:import given_name family_name street street street city postal_code region birthday",
        ),
    ],
    ids=["hubspot", "salesforce", "google", "outlook", "chinese", "febrl"],
)
def test_the_columns_of_a_known_export_are_understood(header: str, expected: str) -> None:
    found = suggest_mapping(header.split(","))
    assert [s.field for s in found] == expected.split()
    assert all(s.confidence >= 0.7 for s in found)


def test_a_header_that_says_nothing_is_judged_by_its_values() -> None:
    found = fields(
        "a,b,c,d,e",
        "mary@x.tw,0936182736,customer,台灣,red",
        "john@y.tw,0936182737,lead,日本,blue",
    )
    assert found == {
        "a": "emails",
        "b": "phones",
        "c": "lifecycle_stage",
        "d": "country",
        "e": "custom.e",
    }


def test_values_outweigh_a_header_that_is_wrong() -> None:
    assert fields("phone", "mary@x.tw", "john@y.tw") == {"phone": "emails"}


def test_values_that_fit_raise_the_confidence_and_others_lower_it() -> None:
    (plain,) = suggest_mapping(["email"])
    (fitting,) = suggest_mapping(["email"], [["a@b.tw"]])
    (other,) = suggest_mapping(["email"], [["none"], ["a@b.tw"], ["no"]])
    assert fitting.confidence > plain.confidence > other.confidence


def test_labels_tell_what_a_number_or_an_address_is_for() -> None:
    found = suggest_mapping(
        ["Home Phone", "Business Phone", "手機", "Work Email", "Home City", "Business City"]
    )
    assert [(s.field, s.label) for s in found] == [
        ("phones", "home"),
        ("phones", "work"),
        ("phones", "mobile"),
        ("emails", "work"),
        ("city", "home"),
        ("city", "work"),
    ]


def test_a_field_that_there_is_once_goes_to_the_surest_column() -> None:
    found = fields("Name,Full Name,Customer birth day,Birthday")
    assert found == {
        "Name": "full_name",
        "Full Name": "custom.full_name",
        "Customer birth day": "custom.customer_birth_day",
        "Birthday": "birthday",
    }


def test_unknown_columns_become_custom_fields_and_empty_ones_are_ignored() -> None:
    found = fields("Shoe Size,最愛顏色,Empty", "42,紅,", "43,藍,")
    assert found == {
        "Shoe Size": "custom.shoe_size",
        "最愛顏色": "custom.column_2",
        "Empty": "ignore",
    }


def test_a_header_may_name_the_field_itself() -> None:
    found = suggest_mapping(["full_name", "custom.shoe_size", "external_id:erp", "emails"])
    assert [s.field for s in found] == [
        "full_name",
        "custom.shoe_size",
        "external_id:erp",
        "emails",
    ]
    assert {s.confidence for s in found} == {1.0}


@pytest.mark.parametrize(
    "name", ["E-mail 1 - Value", "eMailValue", "e_mail value", "E-MAIL  VALUE"]
)
def test_spellings_of_a_header_are_one(name: str) -> None:
    assert header_key(name) == "e mail value"


def test_a_program_is_known_by_two_of_its_headers() -> None:
    assert program_of(["record id", "lifecycle stage"]) == "hubspot"
    assert program_of(["record id", "name"]) == ""


@given(
    st.lists(st.text(max_size=20), max_size=12),
    st.lists(st.lists(st.text(max_size=12), max_size=12), max_size=4),
)
def test_every_column_gets_one_suggestion_and_no_field_is_claimed_twice(
    header: list[str], samples: list[list[str]]
) -> None:
    found = suggest_mapping(header, samples, "TW")
    assert [s.column for s in found] == list(range(len(header)))
    assert all(0 <= s.confidence <= 1 for s in found)
    single = [(s.field, s.label) for s in found if s.field not in REPEATABLE]
    assert len(single) == len(set(single))
    assert all(s.field in FIELDS or s.field.startswith(("custom.", "external_id:")) for s in found)
