"""The generated people: always the same ones, plausible, wrong only where it is on purpose."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import pairwise

import phonenumbers

from deploy.demo.taiwan_names import DISTRICTS, SURNAMES
from deploy.demo.taiwan_people import HEADER, WRONG, csv_file, people

MANY = list(people(5_000))


def untouched() -> list[dict[str, str]]:
    """Everybody who is not wrong on purpose."""
    return [
        row
        for row in MANY
        if not any(all(row[name] == wrong[name] for name in wrong) for wrong in WRONG)
    ]


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert csv_file(50) == csv_file(50)
    assert csv_file(50) != csv_file(50, seed=1)


def test_the_file_is_one_that_excel_opens_with_a_row_for_each_person() -> None:
    text = csv_file(100)
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert len(rows) == 100
    assert tuple(rows[0]) == HEADER
    assert len({row["會員編號"] for row in rows}) == 100


def test_every_wrong_entry_is_there_once_and_they_are_spread() -> None:
    places = []
    for wrong in WRONG:
        found = [
            number
            for number, row in enumerate(MANY)
            if all(row[name] == value for name, value in wrong.items())
        ]
        assert len(found) == 1, wrong
        places += found
    gaps = [later - earlier for earlier, later in pairwise(places)]
    assert min(gaps) == max(gaps)


def test_numbers_are_in_use_in_taiwan_but_for_the_wrong_ones() -> None:
    for row in untouched():
        for name in ("手機", "市話"):
            if row[name]:
                number = phonenumbers.parse(row[name], "TW")
                assert phonenumbers.is_valid_number(number), row


def test_families_are_as_common_as_in_taiwan() -> None:
    surnames = Counter(row["姓名"][0] for row in untouched())
    assert [name for name, _ in surnames.most_common(3)] == ["陳", "林", "黃"]
    assert 0.08 < surnames["陳"] / 5_000 < 0.14
    assert max(SURNAMES.values()) == SURNAMES["陳"]


def test_addresses_have_a_district_of_their_county_a_road_and_a_number() -> None:
    known = {(each.county, each.name): each.postal_code for each in DISTRICTS}
    shape = re.compile(
        r"(?P<district>\w+?[區鄉鎮市])\w+[路街][一二三四五]?段?(\d+巷)?(\d+弄)?\d+號(之\d)?(\d+樓)?"
    )
    for row in untouched():
        districts = [name for county, name in known if county == row["縣市"]]
        district = next(name for name in districts if row["地址"].startswith(name))
        assert known[row["縣市"], district] == row["郵遞區號"]
        assert shape.fullmatch(row["地址"]), row["地址"]


def test_some_have_an_address_for_mail_and_nearly_everybody_a_phone() -> None:
    with_mail = sum(bool(row["電子郵件"]) for row in MANY)
    assert 0.55 < with_mail / len(MANY) < 0.7
    assert all(row["手機"] or row["市話"] for row in untouched())
