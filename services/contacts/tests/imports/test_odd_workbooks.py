"""What only a program writes into a workbook, by mistake or on purpose, ends no import."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.test_xlsx import hand_made, header_of, opened, sheet_of

HEADER = '<row r="1"><c r="A1" t="str"><v>name</v></c></row>'


@pytest.mark.parametrize("number", ["\u00b2", "\u0662", "9" * 5_000])
def test_a_number_that_is_none_is_passed_over(number: str) -> None:
    row = f'<row r="{number}"><c t="str" s="{number}"><v>Mary</v></c><c t="s"><v>{number}</v></c>'
    _, rows = opened(hand_made(sheet_of(f"{HEADER}{row}</row>")))
    assert [(one.number, one.cells) for one in rows] == [(2, ["Mary"])]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a_xD800_b", "a\ufffdb"),
        ("_xDE00__xD83D_", "\ufffd\ufffd"),
        ("_xD83D__xDE00_", "\U0001f600"),
    ],
)
def test_half_a_character_is_none(importing: Importing, written: str, meant: str) -> None:
    row = f'<row r="2"><c r="A2" t="str"><v>{written}</v></c></row>'
    stream = hand_made(sheet_of(HEADER + row))
    importing.run(importing.upload(stream.getvalue()))
    assert opened(stream)[1][0].cells == [meant]
    assert header_of(hand_made(sheet_of(HEADER.replace("name", written)))) == (meant,)


@pytest.mark.parametrize(
    ("stated", "numbers"), [((2, 2), [2, 3]), ((5, 3, 9), [5, 6, 9]), ((1, 1), [2, 3])]
)
def test_rows_are_counted_upwards_whatever_they_say(
    importing: Importing, stated: tuple[int, ...], numbers: list[int]
) -> None:
    cell = '<c t="str"><v>nobody@</v></c>'
    rows = "".join(f'<row r="{number}">{cell}</row>' for number in stated)
    header = HEADER.replace("name", "email")
    address = importing.upload(hand_made(sheet_of(header + rows)).getvalue())
    importing.run(address)
    assert [row["row"] for row in importing.rows(address)] == numbers


def test_a_day_that_no_calendar_reaches_is_a_number() -> None:
    workbook, stream = Workbook(), io.BytesIO()
    workbook.epoch = CALENDAR_MAC_1904
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["day"])
    for number in (2_957_002, 2_957_003, 2_958_464):
        sheet.append([number])
        sheet.cell(sheet.max_row, 1).number_format = "yyyy-mm-dd"
    workbook.save(stream)
    stream.seek(0)
    days = [row.cells[0] for row in opened(stream)[1]]
    assert days == ["9999-12-30", "2957003", "2958464"]
