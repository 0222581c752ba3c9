"""Whatever a file is written in, the people in it are the same."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from contacts.imports.formats.vcard_writer import CardContent, write_vcards
from contacts.imports.formats.xlsx_writer import write_xlsx
from contacts.quality.person import ContactEntry
from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.tables import csv_of

HEADER = ("full_name", "emails", "phones", "tags")
Rows = Sequence[tuple[str, str, str, str]]
TRADITIONAL: Rows = (
    ("王小明", "ming@example.com.tw", "+886912345678", "會員"),
    ("許功蓋", "hsu@example.com.tw", "+886223456789", "臺北"),
    ("陳美玲", "mei@example.com.tw", "+886934567890", "高雄"),
)
SIMPLIFIED: Rows = (
    ("张伟", "wei@example.com", "+8613912345678", "会员"),
    ("刘洋", "yang@example.com", "+8613812345678", "北京"),
    ("陈静", "jing@example.com", "+8613712345678", "上海"),
)
LATIN: Rows = (
    ("José Núñez", "jose@example.es", "+34612345678", "señor"),
    ("Zoë Müller", "zoe@example.de", "+4915123456789", "größer"),
)


def shown(people: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (
            person["full_name"],
            tuple(e["address"] for e in person["emails"]),
            tuple(p["number"] for p in person["phones"]),
            tuple(person["tags"]),
        )
        for person in people
    )


def expected(rows: Rows) -> list[tuple[Any, ...]]:
    return sorted((name, (email,), (phone,), (tag,)) for name, email, phone, tag in rows)


@pytest.mark.parametrize(
    ("rows", "encoding", "mark"),
    [
        (TRADITIONAL, "utf-8", b""),
        (TRADITIONAL, "utf-8", codecs.BOM_UTF8),
        (TRADITIONAL, "utf-16-le", codecs.BOM_UTF16_LE),
        (TRADITIONAL, "utf-16-be", codecs.BOM_UTF16_BE),
        (LATIN, "utf-16-le", b""),
        (TRADITIONAL, "cp950", b""),
        (SIMPLIFIED, "gb18030", b""),
        (LATIN, "cp1252", b""),
    ],
)
def test_a_table_in_any_encoding_gives_the_same_people(
    importing: Importing, rows: Rows, encoding: str, mark: bytes
) -> None:
    address = importing.upload(mark + csv_of(rows, HEADER, encoding))
    assert importing.get(address)["analysis"]["read_as"]["encoding"] == encoding
    importing.run(address)
    assert shown(importing.people()) == expected(rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_with_any_delimiter_gives_the_same_people(
    importing: Importing, delimiter: str
) -> None:
    table = "\r\n".join(delimiter.join(row) for row in (HEADER, *LATIN))
    importing.run(importing.upload(table.encode()))
    assert shown(importing.people()) == expected(LATIN)


def as_workbook(rows: Rows) -> bytes:
    return b"".join(write_xlsx(HEADER, rows))


def as_lines_of_json(rows: Rows) -> bytes:
    return b"\n".join(
        orjson.dumps(
            {
                "full_name": name,
                "emails": [{"address": email}],
                "phones": [{"number": phone}],
                "tags": [tag],
            }
        )
        for name, email, phone, tag in rows
    )


def as_cards(rows: Rows) -> bytes:
    return b"".join(
        write_vcards(
            CardContent(
                uid=email,
                full_name=name,
                emails=(ContactEntry(email),),
                phones=(ContactEntry(phone),),
                tags=(tag,),
            )
            for name, email, phone, tag in rows
        )
    )


@pytest.mark.parametrize(
    ("write", "kind"),
    [(as_workbook, "xlsx"), (as_lines_of_json, "ndjson"), (as_cards, "vcf")],
)
def test_any_kind_of_file_gives_the_same_people(
    importing: Importing, write: Callable[[Rows], bytes], kind: str
) -> None:
    rows = (*TRADITIONAL, *SIMPLIFIED, *LATIN)
    address = importing.upload(write(rows))
    assert importing.get(address)["analysis"]["read_as"]["format"] == kind
    importing.run(address)
    assert shown(importing.people()) == expected(rows)
