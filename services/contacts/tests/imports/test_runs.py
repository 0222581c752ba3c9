"""A file of people becomes people: looked at, tried, run, each row with its outcome."""

from __future__ import annotations

from contacts.imports.formats.csv_writer import write_csv
from rapport.contacts.events.v1 import import_events_pb2 as import_events
from rapport.contacts.events.v1 import person_events_pb2 as person_events
from services.contacts.tests.imports.conftest import Importing

HEADER = ("會員編號", "姓名", "電子郵件", "手機", "生日", "縣市", "地址", "郵遞區號", "標籤")


def csv_of(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> bytes:
    """A file as a spreadsheet would save it."""
    return b"".join(write_csv(header, rows))


MING = (
    "7",
    "王小明",
    "ming@example.com.tw",
    "0912-345-678",
    "1990/3/4",
    "臺北市",
    "大安區羅斯福路四段1號",
    "106",
    "vip; 會員",
)
MEI = ("8", "陳美玲", "mei@example.com.tw", "02 2345 6789", "", "", "", "", "")


def test_a_file_becomes_people(importing: Importing) -> None:
    address = importing.upload(csv_of(MING, MEI), default_country="TW")
    looked_at = importing.get(address)
    assert looked_at["state"] == "ready"
    assert looked_at["analysis"]["read_as"]["encoding"] == "utf-8"
    assert looked_at["analysis"]["examples"][1] == ["王小明", "陳美玲"]
    suggested = {s["column"]: s["field"] for s in looked_at["analysis"]["suggestions"]}
    assert suggested["姓名"] == "full_name"
    assert suggested["手機"] == "phones"

    run = importing.run(address)
    assert (run["created"], run["failed"], run["dry"]) == (2, 0, False)
    assert importing.get(address)["state"] == "finished"
    ming = importing.people()[0]
    assert ming["full_name"] == "王小明"
    assert ming["emails"][0]["address"] == "ming@example.com.tw"
    assert ming["phones"][0]["number"] == "+886912345678"
    assert ming["important_dates"] == [{"kind": "birthday", "date": "1990-03-04", "label": ""}]
    assert ming["postal_addresses"][0]["city"] == "大安區"
    assert ming["tags"] == ["vip", "會員"]
    assert ming["external_ids"] == [{"system": "import", "id": "7"}]
    assert ming["version"] == 1


def test_everybody_gets_a_fact_and_the_import_gets_one(importing: Importing) -> None:
    address = importing.upload(csv_of(MING, MEI), default_country="TW")
    importing.run(address)
    created = [person_events.PersonCreated.FromString(p) for p in importing.facts("PersonCreated")]
    assert {fact.person_id for fact in created} == {p["id"] for p in importing.people()}
    import_id = address.rpartition("/")[2]
    assert {fact.import_id for fact in created} == {import_id}
    (finished,) = map(import_events.ImportFinished.FromString, importing.facts("ImportFinished"))
    assert finished == import_events.ImportFinished(import_id=import_id, created_count=2)


def test_a_dry_run_reports_every_row_and_writes_nobody(importing: Importing) -> None:
    wrong = ("9", "林志玲", "not an address", "123", "1990/13/45", "", "", "", "")
    address = importing.upload(csv_of(MING, MEI, MING, wrong), default_country="TW")
    importing.map(
        address,
        {"姓名": "full_name", "電子郵件": "emails", "手機": "phones", "生日": "birthday"},
        duplicates="skip",
    )
    run = importing.run(address, dry=True)
    assert (run["created"], run["skipped"], run["failed"], run["dry"]) == (2, 1, 1, True)
    rows = importing.rows(address)
    assert [row["outcome"] for row in rows] == ["created", "created", "skipped", "failed"]
    assert [row["row"] for row in rows] == [2, 3, 4, 5]
    assert rows[2]["reasons"][0]["message"].startswith("These match already: the person of row 2")
    assert rows[3]["cells"] == list(wrong)
    assert {(r["column"], r["code"]) for r in rows[3]["reasons"]} == {
        ("電子郵件", "email_without_at"),
        ("手機", "phone_too_short"),
        ("生日", "date_impossible"),
    }
    assert [row["row"] for row in importing.rows(address, outcome="failed")] == [5]
    assert importing.people() == []
    assert importing.facts("PersonCreated") == []
    assert importing.facts("ImportFinished") == []
    assert importing.get(address)["state"] == "ready"


def test_a_dry_run_foretells_the_run(importing: Importing) -> None:
    address = importing.upload(csv_of(MING, MEI, MING, MEI), default_country="TW")
    importing.map(address, {"姓名": "full_name", "手機": "phones"}, key="phone")
    counts = ("created", "updated", "skipped", "failed")
    dry = importing.run(address, dry=True)
    run = importing.run(address)
    assert dry["created"] == run["created"] == 2
    assert dry["updated"] + dry["skipped"] == run["updated"] + run["skipped"] == 2
    assert sum(dry[c] for c in counts) == sum(run[c] for c in counts) == 4
