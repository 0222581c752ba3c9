"""The demonstration's way through the API: a file goes in, is searched, and comes out again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from deploy.demo.deliveries import taiwanese
from deploy.demo.importing import Delivery, Importer
from deploy.demo.taiwan_people import WRONG, people

from .world import Organisation

SCOPES = ("contacts.people.*", "contacts.imports.*", "contacts.quality.read")
ROWS = 400
FEBRL = b"""\
rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id
rec-1-org, ada, nguyen, 7, wattle place, delmar, kingsholme, 2119, sa, 19560409, 1804974
rec-1-dup-0, ada, nguyn, 7, wattle place, delmar, kingsholme, 2119, sa, 19560409, 1804974
rec-2-org, , , , , , , 3165, nsw, , 4089216
"""


def test_a_file_of_people_goes_in_is_found_and_comes_out_again(acme: Organisation) -> None:
    app = acme.app(*SCOPES)
    importer = Importer(app, taiwanese(ROWS))
    columns = importer.upload()
    assert {each.field for each in columns} >= {"full_name", "phones", "emails", "birthday"}
    importer.map(columns)
    seen: list[int] = []
    dry = importer.run(seen.append, dry=True)
    assert list(app.items("/v1/contacts/people")) == []
    outcome = importer.run(seen.append)
    created, failed = outcome.run["created"], outcome.run["failed"]
    assert (created, failed) == (dry.run["created"], dry.run["failed"])
    assert created + failed == ROWS
    assert 0 < failed < len(WRONG)
    assert max(seen) == ROWS
    _refused_rows_say_why(importer, failed)
    _everybody_comes_out_again(app.stream("/v1/contacts/people/export", format="csv"), created)
    somebody = next(row for row in people(ROWS) if len(row["姓名"]) == 3 and row["手機"])
    hits = app.get("/v1/contacts/search", q=somebody["姓名"])["items"]
    assert somebody["姓名"] in [hit["title"] for hit in hits]


def _refused_rows_say_why(importer: Importer, failed: int) -> None:
    rows = list(importer.rows("failed"))
    assert len(rows) == failed
    assert all(reason["message"] for row in rows for reason in row["reasons"])
    assert len(list(csv.reader(io.StringIO(importer.errors_file().decode())))) == failed + 1


def _everybody_comes_out_again(chunks: Iterable[bytes], created: int) -> None:
    text = b"".join(chunks).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == created
    assert len({row["external_id:members"] for row in rows}) == created


def test_the_columns_of_febrl_are_recognised_and_a_row_without_a_name_is_refused(
    acme: Organisation,
) -> None:
    app = acme.app(*SCOPES)
    corrections = {"rec_id": "external_id:febrl", "soc_sec_id": "ignore"}
    delivery = Delivery("Febrl", FEBRL, "AU", "external_id:febrl", corrections)
    importer = Importer(app, delivery)
    columns = importer.upload()
    found = {each.name: each.field for each in columns}
    assert (found["surname"], found["date_of_birth"]) == ("family_name", "birthday")
    importer.map(columns)
    outcome = importer.run(lambda _: None)
    assert (outcome.run["created"], outcome.run["failed"]) == (2, 1)
    person = app.get("/v1/contacts/people/by-external-id/febrl/rec-1-org")
    assert person["important_dates"][0]["date"] == "1956-04-09"
    again = Importer(app, delivery)
    again.map(again.upload())
    assert again.run(lambda _: None).run["created"] == 0
