"""Generated people of Taiwan: nobody real, the same ones for the same seed, a few of them wrong on purpose."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

from deploy.demo.taiwan_names import (
    DISTRICTS,
    EMAIL_HOSTS,
    FEMALE,
    FIRST_CHARACTERS,
    MALE,
    ROADS,
    SECOND_CHARACTERS,
    SECTIONS,
    SPELLINGS,
    SURNAMES,
    District,
)

SEED = 20_260_101
HEADER = (
    "會員編號",
    "姓名",
    "手機",
    "市話",
    "電子郵件",
    "生日",
    "郵遞區號",
    "縣市",
    "地址",
    "LINE ID",
)

_FIRST_BIRTHDAY = date(1940, 1, 1)
_LAST_BIRTHDAY = date(2007, 12, 31)

T = TypeVar("T")

WRONG: tuple[Mapping[str, str], ...] = (
    {"手機": "0912345678"},
    {"手機": "0900000000"},
    {"手機": "09123"},
    {"手機": "沒有手機"},
    {"手機": "+886 2 2"},
    {"電子郵件": "test@test"},
    {"電子郵件": "asdf@asdf.com"},
    {"電子郵件": "ming.wang@@gmail.com"},
    {"電子郵件": "小明 gmail.com"},
    {"電子郵件": "aaa@gmial.com"},
    {"生日": "1990-02-30"},
    {"生日": "民國 79 年"},
    {"生日": "2091-05-01"},
    {"生日": "1871-03-09"},
    {"姓名": "測試"},
    {"姓名": "米老鼠"},
    {"姓名": "qwerty asdfgh"},
    {"姓名": ""},
    {"姓名": "王小明', DROP TABLE people; --"},
    {"郵遞區號": "9"},
    {"電子郵件": '=HYPERLINK("http://evil.example")'},
    {"姓名": "林志玲 0911222333"},
)
"""What people type in who do not want to be known, or do not look; put in here and there."""


def csv_file(count: int, *, seed: int = SEED) -> bytes:
    """So many people as a CSV file, as Excel in Taiwan would save it with UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in people(count, seed=seed):
        writer.writerow([row[name] for name in HEADER])
    return out.getvalue().encode("utf-8-sig")


def people(count: int, *, seed: int = SEED) -> Iterator[dict[str, str]]:
    """So many rows; every wrong entry once, spread evenly, if there is room for them."""
    chance = random.Random(seed)  # noqa: S311 - people who are made up
    every = max(1, count // (len(WRONG) + 1))
    for number in range(count):
        row = _person(chance, number)
        index, rest = divmod(number, every)
        if rest == every - 1 and index < len(WRONG):
            row.update(WRONG[index])
        yield row


def _person(chance: random.Random, number: int) -> dict[str, str]:
    surname = _pick(chance, SURNAMES)
    district = chance.choices(DISTRICTS, [each.weight for each in DISTRICTS])[0]
    born = _FIRST_BIRTHDAY + timedelta(
        days=chance.randrange((_LAST_BIRTHDAY - _FIRST_BIRTHDAY).days)
    )
    has_mobile = chance.random() < 0.94
    return {
        "會員編號": f"TW{number + 1:05d}",
        "姓名": surname + _given_name(chance),
        "手機": _mobile(chance) if has_mobile else "",
        "市話": _landline(chance, district) if chance.random() < 0.3 or not has_mobile else "",
        "電子郵件": _email(chance, surname, born, number) if chance.random() < 0.62 else "",
        "生日": _birthday(chance, born) if chance.random() < 0.8 else "",
        "郵遞區號": district.postal_code,
        "縣市": district.county,
        "地址": _address(chance, district),
        "LINE ID": f"line{chance.randrange(10**7):07d}" if chance.random() < 0.35 else "",
    }


def _given_name(chance: random.Random) -> str:
    """A common name, or two characters put together; now and then a single one."""
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(FEMALE if chance.random() < 0.51 else MALE)
    if kind < 0.96:
        return chance.choice(FIRST_CHARACTERS) + chance.choice(SECOND_CHARACTERS)
    return chance.choice(SECOND_CHARACTERS)


def _mobile(chance: random.Random) -> str:
    digits = f"09{chance.choice('12356778')}{chance.randrange(10**7):07d}"
    return chance.choice((digits, f"{digits[:4]}-{digits[4:7]}-{digits[7:]}", f"+886{digits[1:]}"))


def _landline(chance: random.Random, district: District) -> str:
    return "".join(
        chance.choice("0123456789") if each == "#" else each for each in district.landline
    )


def _email(chance: random.Random, surname: str, born: date, number: int) -> str:
    name = SPELLINGS.get(surname, "user")
    mark = chance.choice(
        (f"{born:%m%d}", f"{born:%Y}", f"{number}", f"_{chance.choice('abcdefgh')}{born:%y}")
    )
    return f"{name}{mark}{chance.choice('abcdefghijklmnopqrstuvwxyz')}{number % 97}@{_pick(chance, EMAIL_HOSTS)}"


def _birthday(chance: random.Random, born: date) -> str:
    return chance.choice(
        (f"{born:%Y-%m-%d}", f"{born:%Y/%m/%d}", f"{born.year}/{born.month}/{born.day}")
    )


def _address(chance: random.Random, district: District) -> str:
    lane = f"{chance.randrange(1, 400)}巷" if chance.random() < 0.25 else ""
    alley = f"{chance.randrange(1, 40)}弄" if lane and chance.random() < 0.3 else ""
    floor = f"{chance.randrange(2, 16)}樓" if chance.random() < 0.55 else ""
    sub = f"之{chance.randrange(1, 9)}" if chance.random() < 0.1 else ""
    number = f"{chance.randrange(1, 500)}號{sub}"
    return f"{district.name}{_pick(chance, ROADS)}{chance.choice(SECTIONS)}{lane}{alley}{number}{floor}"


def _pick(chance: random.Random, weighed: Mapping[T, float]) -> T:
    return chance.choices(list(weighed), list(weighed.values()))[0]
