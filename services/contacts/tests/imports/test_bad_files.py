"""Files as people really send them: every fault is named with its place, and nothing is lost."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from contacts.imports.formats.encodings import SAMPLE
from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.tables import csv_of, numbered


def problem_of(importing: Importing, content: bytes, **options: Any) -> dict[str, Any]:
    """Why a file cannot be read."""
    found = importing.get(importing.upload(content, **options))
    assert found["state"] == "unreadable"
    problem: dict[str, Any] = found["problem"]
    return problem


def test_a_big5_file_is_read_as_such(importing: Importing) -> None:
    rows = [("王小明", "臺北市大安區"), ("陳美玲", "高雄市前鎮區"), ("許功蓋", "新北市")]
    address = importing.upload(csv_of(rows, header=("姓名", "地址"), encoding="cp950"))
    assert importing.get(address)["analysis"]["read_as"]["encoding"] == "cp950"
    importing.run(address)
    assert {person["full_name"] for person in importing.people()} == {row[0] for row in rows}


def test_a_wrong_byte_early_on_is_named_when_the_file_is_looked_at(importing: Importing) -> None:
    content = "姓名,email\n王小明,a@example.com\n".encode() + b"\xe7\x8e,b@example.com\n"
    problem = problem_of(importing, content, encoding="utf-8")
    assert problem["code"] == "undecodable"
    assert problem["row"] == 3
    assert problem["byte_offset"] == content.index(b"\xe7\x8e,")


def test_bytes_that_are_text_in_no_encoding_are_named(importing: Importing) -> None:
    content = "姓名\n王小明\n".encode() + b"\xe7\x8e\xff\n"
    problem = problem_of(importing, content)
    assert (problem["code"], problem["row"]) == ("encoding_unknown", 3)
    assert problem["byte_offset"] == content.index(b"\xe7\x8e\xff")


def test_a_wrong_byte_far_behind_is_found_before_anybody_is_entered(importing: Importing) -> None:
    good = csv_of(numbered(8000))
    assert len(good) > SAMPLE
    content = good + b"\xff\xfe,x@example.com,,,\n" + csv_of(numbered(10))
    address = importing.upload(content)
    assert importing.get(address)["state"] == "ready", "what was looked at is fine"
    job = importing.work(importing.start(address))
    assert job["state"] == "failed"
    assert job["error"]["code"] == "undecodable"
    assert "row 8002" in job["error"]["message"]
    assert f"byte {len(good)}" in job["error"]["message"]
    found = importing.get(address)
    assert (found["state"], found["problem"]["row"]) == ("unreadable", 8002)
    assert importing.people() == []
    assert importing.part(address, 1, good).status_code == 200, "it can be put right"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n\n", "header_missing"),
        (b"," * 1_000_000 + b"\n", "header_missing"),
        (b"a," * 500_000 + b"a\n", "too_many_columns"),
        (b"a," * 1_000_000 + b"a\n", "row_too_long"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text"),
        (b"%PDF-1.7 ...", "not_text"),
        (b"PK\x03\x04 not really", "not_xlsx"),
        (b"\xd0\xcf\x11\xe0 old", "xlsx_encrypted"),
    ],
)
def test_files_that_are_no_tables_are_refused_with_the_reason(
    importing: Importing, content: bytes, code: str
) -> None:
    assert problem_of(importing, content)["code"] == code


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(importing: Importing) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(100 * 2**20))
    assert problem_of(importing, bomb.getvalue())["code"] == "xlsx_too_large"


def test_a_file_with_a_header_only_makes_nobody(importing: Importing) -> None:
    address = importing.upload(csv_of([]))
    run = importing.run(address)
    assert (run["created"], run["failed"]) == (0, 0)
    assert importing.get(address)["state"] == "finished"


def test_columns_of_the_same_name_are_told_apart(importing: Importing) -> None:
    content = csv_of(
        [("王小明", "a@example.com", "b@example.com")], header=("name", "email", "email")
    )
    address = importing.upload(content)
    analysis = importing.get(address)["analysis"]
    assert analysis["header"] == ["name", "email", "email (2)"]
    assert analysis["problems"][0]["code"] == "header_repeated"
    importing.run(address)
    (person,) = importing.people()
    assert [e["address"] for e in person["emails"]] == ["a@example.com", "b@example.com"]


def test_rows_of_the_wrong_shape_fail_by_themselves(importing: Importing) -> None:
    content = (
        b"full_name,emails\n"
        b"Anna Able,anna@example.org\n"
        b"Short\n"
        b"Long,long@example.org,and,more\n"
        b'Broken,"never closed\n'
        b"Zoe Last,zoe@example.org\n"
    )
    address = importing.upload(content)
    run = importing.run(address)
    assert (run["created"], run["failed"]) == (2, 3)
    assert importing.codes(address) == {
        3: ["row_short"],
        4: ["row_long"],
        5: ["quote_unclosed"],
    }


def test_a_cell_of_a_megabyte_fails_its_row_and_is_kept(importing: Importing) -> None:
    big = "x" * 1_000_000
    address = importing.upload(
        csv_of([("Anna Able", big), ("Ben Best", "short")], ("name", "note"))
    )
    run = importing.run(address)
    assert (run["created"], run["failed"]) == (1, 1)
    (row,) = importing.rows(address)
    assert row["reasons"][0]["code"] == "cell_too_long"
    assert big.encode() in importing.client.get(f"{address}/errors").data


def test_formulas_are_text(importing: Importing) -> None:
    formulas = ["=cmd|'/c calc'!A1", "+1+1", "@SUM(A1)", "-2+3"]
    rows = [(f"Anna {n}", f"anna{n}@example.org", text) for n, text in enumerate(formulas)]
    table = "full_name,emails,source\n" + "".join(f'"{a}","{b}","{c}"\n' for a, b, c in rows)
    importing.run(importing.upload(table.encode()))
    assert [person["source"] for person in importing.people()] == formulas


def test_dates_that_are_none_are_refused_with_their_column(importing: Importing) -> None:
    days = ["2026-02-30", "soon", "3/4/1990", "1990-03-04"]
    rows = [(f"Anna {n}", day) for n, day in enumerate(days)]
    address = importing.upload(csv_of(rows, header=("name", "birthday")))
    assert importing.run(address)["created"] == 1
    assert importing.codes(address) == {
        2: ["date_impossible"],
        3: ["date_unreadable"],
        4: ["date_ambiguous"],
    }
    assert {r["reasons"][0]["column"] for r in importing.rows(address)} == {"birthday"}
    again = importing.upload(csv_of(rows[2:3], header=("name", "birthday")), day_first=True)
    importing.run(again)
    dates = [person["important_dates"] for person in importing.people()]
    assert [{"kind": "birthday", "date": "1990-04-03", "label": ""}] in dates


def test_owners_who_are_nobody_are_refused(importing: Importing) -> None:
    known = "018f0000-0000-7000-8000-000000000001"
    unknown = "00000000-0000-0000-0000-000000000001"
    rows = [("Anna", known), ("Ben", unknown), ("Cleo", "the boss"), ("Dan", "")]
    address = importing.upload(csv_of(rows, header=("name", "owner")))
    importing.map(address, {"name": "full_name", "owner": "owner_id"})
    assert importing.run(address)["created"] == 2
    assert importing.codes(address) == {3: ["owner_unknown"], 4: ["owner_unknown"]}
    assert [person["owner_id"] for person in importing.people()] == [known, None]
    plan = importing.client.put(f"{address}/mapping", {"owner_id": unknown})
    assert plan.json["errors"][0]["code"] == "owner_unknown"


def test_a_row_that_says_nobody_fails(importing: Importing) -> None:
    address = importing.upload(csv_of([("", "", "", "e1", "vip")]))
    assert importing.run(address)["failed"] == 1
    assert importing.codes(address) == {2: ["identity_missing"]}


def test_zero_bytes_and_overlong_values_fail_their_rows(importing: Importing) -> None:
    content = b"full_name,source\nAn\x00na,x\nBen," + b"s" * 600 + b"\nCleo,fine\n"
    address = importing.upload(content)
    assert importing.run(address)["created"] == 1
    assert importing.codes(address) == {2: ["nul_character"], 3: ["too_long"]}
    assert len(importing.client.get(f"{address}/errors").data.splitlines()) == 3
