"""The rows that failed come back as a file: to be corrected, and imported again without doubles."""

from __future__ import annotations

import csv
import io

import orjson

from contacts.imports.analysis import ERRORS_COLUMN
from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.tables import csv_of, numbered

HEADER = ("Name", "E-mail", "Birthday")


def errors_of(importing: Importing, address: str) -> list[list[str]]:
    """The errors file as a table."""
    answer = importing.client.get(f"{address}/errors")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_failed_rows_come_with_their_reasons_and_as_they_were(importing: Importing) -> None:
    content = (
        b"Name,E-mail,Birthday\n"
        b"Anna Able,anna@example.org,1990-03-04\n"
        b"Ben Best,not an address,1990-02-31\n"
        b"Too,long,2000-01-01,by one\n"
        b"Short\n"
    )
    address = importing.upload(content)
    importing.run(address)
    header, *rows = errors_of(importing, address)
    assert header == [ERRORS_COLUMN, *HEADER]
    assert rows[0][1:] == ["Ben Best", "not an address", "1990-02-31"]
    assert rows[0][0].startswith("row 3: ")
    assert "E-mail: “not an address” has no @ sign" in rows[0][0]
    assert "Birthday: “1990-02-31” is no day of the calendar" in rows[0][0]
    assert rows[1][1:] == ["Too", "long", "2000-01-01", "by one"], "nothing is lost"
    assert rows[2][1:] == ["Short"], "nothing is made up"


def test_a_corrected_errors_file_imports_clean(importing: Importing) -> None:
    rows = [("Anna Able", "anna@example.org", ""), ("Ben Best", "ben example.org", "2000-1-1")]
    address = importing.upload(csv_of(rows, HEADER))
    assert importing.run(address)["failed"] == 1
    corrected = importing.client.get(f"{address}/errors").data.replace(
        b"ben example.org,", b"ben@example.org,"
    )
    again = importing.upload(corrected)
    suggested = importing.get(again)["analysis"]["suggestions"]
    assert (suggested[0]["column"], suggested[0]["field"]) == (ERRORS_COLUMN, "ignore")
    run = importing.run(again)
    assert (run["created"], run["failed"]) == (1, 0)
    assert [p["full_name"] for p in importing.people()] == ["Anna Able", "Ben Best"]
    assert errors_of(importing, again) == [[ERRORS_COLUMN, *importing_header(importing, again)]]


def importing_header(importing: Importing, address: str) -> list[str]:
    header: list[str] = importing.get(address)["analysis"]["header"]
    return header


def test_nothing_in_an_errors_file_is_run_and_all_of_it_comes_back(importing: Importing) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    address = importing.upload(csv_of([("+1 Anna", evil, "")], HEADER))
    importing.run(address)
    (row,) = errors_of(importing, address)[1:]
    assert row[1:3] == ["'+1 Anna", f"'{evil}"]
    again = importing.upload(importing.client.get(f"{address}/errors").data)
    importing.run(again)
    (kept,) = importing.rows(again, outcome="failed")
    assert kept["cells"][1:3] == ["+1 Anna", evil]


def test_many_failed_rows_are_streamed(importing: Importing) -> None:
    rows = [(f"N{n}", "wrong", "") for n in range(1203)]
    address = importing.upload(csv_of(rows, HEADER))
    importing.run(address, dry=True)
    assert [row[1] for row in errors_of(importing, address)[1:]] == [row[0] for row in rows]


def test_earlier_runs_have_their_own_errors(importing: Importing) -> None:
    address = importing.upload(csv_of([("Anna", "wrong", "")], HEADER))
    importing.run(address, dry=True)
    importing.map(address, {"Name": "full_name"})
    importing.run(address)
    assert len(errors_of(importing, address)) == 1
    assert len(importing.client.get(f"{address}/errors?run=1").data.splitlines()) == 2


def test_lines_of_json_that_failed_come_back_as_such(importing: Importing) -> None:
    lines = [
        {"full_name": "Anna"},
        {"full_name": "Ben", "emails": [{"address": "wrong"}]},
        {"x": 1},
    ]
    address = importing.upload(b"\n".join(map(orjson.dumps, lines)))
    run = importing.run(address)
    assert (run["created"], run["failed"]) == (1, 2)
    answer = importing.client.get(f"{address}/errors")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    failed = [orjson.loads(line) for line in answer.data.splitlines()]
    assert "has no @ sign" in failed[0].pop(ERRORS_COLUMN)
    assert failed[0] == lines[1]
    assert (
        importing.run(importing.upload(answer.data.replace(b"wrong", b"b@example.org")))["created"]
        == 1
    )


def test_an_import_without_failures_has_an_empty_errors_file(importing: Importing) -> None:
    address = importing.upload(csv_of(numbered(3)))
    importing.run(address)
    assert len(errors_of(importing, address)) == 1
