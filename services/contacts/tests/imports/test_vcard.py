"""vCard: what telephones and mail programs write is understood, and what we write comes back."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.formats.rows import UnreadableFile
from contacts.imports.formats.vcard_lines import escaped, folded, parse_line, unescaped
from contacts.imports.formats.vcard_reader import Card, read_vcards
from contacts.imports.formats.vcard_writer import CardContent, write_vcards
from contacts.quality.normalise import Defaults, normalise_person
from contacts.quality.person import ContactEntry
from contacts.quality.postal_address import PostalAddress

PHONE_EXPORT = """BEGIN:VCARD
VERSION:3.0
N:王;小明;;;
FN:王小明
item1.EMAIL;type=INTERNET;type=WORK;type=pref:wang@acme.tw
EMAIL;TYPE=HOME:wang.xm@gmail.com
TEL;TYPE=CELL,VOICE:0936-182-736
TEL;TYPE=WORK,FAX:02-1234-5678
ADR;TYPE=HOME:;;羅斯福路四段1號\\n5樓;大安區;臺北市;106;台灣
ORG:台積電;研發部
TITLE:Engineer\\, senior
BDAY:1985-03-05T00:00:00Z
CATEGORIES:vip,newsletter
X-LINE:wangxm
NOTE:first line\\nsecond
  line
END:VCARD
"""


def cards(text: str | bytes) -> list[Card]:
    return list(read_vcards(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def codes(card: Card) -> list[str]:
    return [problem.code for problem in card.problems]


def test_a_card_of_a_telephone_becomes_an_entry() -> None:
    (card,) = cards(PHONE_EXPORT)
    entry = card.entry
    assert (card.number, card.first_line, card.problems) == (1, 1, ())
    assert (entry.full_name, entry.given_name, entry.family_name) == ("王小明", "小明", "王")
    assert entry.emails == (
        ContactEntry("wang@acme.tw", "work", primary=True),
        ContactEntry("wang.xm@gmail.com", "home"),
    )
    assert entry.phones == (ContactEntry("0936-182-736", "mobile"),)
    assert entry.postal_addresses == (
        PostalAddress(("羅斯福路四段1號", "5樓"), "大安區", "臺北市", "106", "台灣"),
    )
    assert (entry.company_name, entry.job_title) == ("台積電", "Engineer, senior")
    assert (entry.birthday, entry.tags, entry.line_ids) == (
        "1985-03-05",
        ("vip", "newsletter"),
        ("wangxm",),
    )
    assert entry.custom == {"note": "first line\nsecond line"}


def test_the_newer_version_and_its_ways_are_understood() -> None:
    text = (
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:1\r\nFN:Mary Wang\r\nN:Wang;Mary;Jane;;\r\n"
        'TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+886-936-182-736\r\n'
        "TEL;VALUE=uri;TYPE=work:tel:+886-2-2712-8460;ext=12\r\n"
        "IMPP:line:mary\r\nIMPP:xmpp:mary@x.tw\r\nLANG:zh-TW\r\nTZ:Asia/Taipei\r\nEND:VCARD\r\n"
    )
    (card,) = cards(text)
    assert card.entry.given_name == "Mary Jane"
    assert card.entry.phones == (
        ContactEntry("+886-936-182-736", "mobile", primary=True),
        ContactEntry("+886-2-2712-8460 ext. 12", "work"),
    )
    assert (card.entry.line_ids, card.entry.social_handles) == (("mary",), ("xmpp:mary@x.tw",))
    assert card.entry.external_ids == (("vcard", "urn:uuid:1"),)
    found = normalise_person(card.entry, Defaults("TW"))
    assert [(p.e164, p.extension) for p in found.record.phones] == [
        ("+886936182736", ""),
        ("+886227128460", "12"),
    ]


def test_the_oldest_version_is_read_as_far_as_it_agrees() -> None:
    text = (
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E5=B0=8F=\n=E6=98=8E\n"
        "TEL;CELL:0936182736\nEND:VCARD\n"
    )
    (card,) = cards(text)
    assert (card.entry.family_name, card.entry.given_name) == ("王", "小明")
    assert card.entry.phones == (ContactEntry("0936182736", "mobile"),)


@pytest.mark.parametrize(
    ("charset", "codec"), [("Big5", "cp950"), ("gb2312", "gbk"), ("ISO-8859-1", "latin-1")]
)
def test_the_oldest_version_names_the_encoding_of_a_line(charset: str, codec: str) -> None:
    name = "\u00e9" if codec == "latin-1" else "\u738b"
    coded = "".join(f"={byte:02X}" for byte in name.encode(codec))
    line = f"FN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{coded}\n"
    (card,) = cards(f"BEGIN:VCARD\nVERSION:3.0\n{line}END:VCARD\n")
    assert card.entry.full_name == name


@pytest.mark.parametrize(
    ("charset", "coded"),
    [
        ("klingon", "x"),
        ("punycode", "=FF=41"),
        ("unicode_escape", "=5Cud800"),
        ("utf-7", "+2AA-"),
        ("idna", "=FF"),
        ("hex", "zz"),
        ("", "x"),
    ],
)
def test_a_line_in_no_encoding_of_text_costs_its_own_card(charset: str, coded: str) -> None:
    odd = f"BEGIN:VCARD\nVERSION:3.0\nFN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{coded}\n"
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:Mary\nEND:VCARD\n"
    found = cards(odd + "END:VCARD\n" + good)
    assert [codes(card) for card in found] == [["line_unreadable"], []]


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-16-le", b"\xff\xfe"), ("cp950", b""), ("utf-8", b"\xef\xbb\xbf")]
)
def test_the_encoding_is_found_out(encoding: str, mark: bytes) -> None:
    text = PHONE_EXPORT.replace("王小明", "王小明陳怡君的電話公司")
    assert cards(mark + text.encode(encoding))[0].entry.family_name == "王"


def test_one_bad_card_does_not_spoil_the_next() -> None:
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:Mary\nEND:VCARD\n"
    found = cards(
        "noise\n"
        + good
        + "BEGIN:VCARD\nFN:No version\n???\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:Open\n"
        + good
    )
    assert [codes(card) for card in found] == [
        [],
        ["line_unreadable", "version_unknown"],
        ["card_cut_off"],
        [],
    ]
    assert [card.first_line for card in found] == [2, 6, 10, 13]


def test_a_card_without_an_end_is_bounded() -> None:
    line = "NOTE:" + "x" * 100_000 + "\n"
    (card,) = cards("BEGIN:VCARD\nVERSION:3.0\n" + line * 60)
    assert codes(card) == ["card_too_long"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"name,city\n", "not_vcard"),
        (b"BEGIN:VCARD\nFN:" + b"x" * 300_000 + b"\xff\n", "undecodable"),
    ],
)
def test_what_is_no_vcard_says_so(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        cards(data)
    assert error.value.code == code


def test_a_person_written_and_read_again_is_the_same() -> None:
    content = CardContent(
        uid="urn:uuid:018f0000-0000-7000-8000-000000000001",
        full_name="王小明; \\ comma, line",
        given_name="小明",
        family_name="王",
        emails=(ContactEntry("wang@acme.tw", "work", primary=True),),
        phones=(ContactEntry("+886936182736", "mobile"),),
        line_ids=("wangxm",),
        social_handles=("xmpp:w@x.tw",),
        postal_addresses=(
            PostalAddress(("羅斯福路四段1號", "5樓"), "大安區", "臺北市", "106", "TW"),
        ),
        company_name="台積電, Inc; 一廠",
        job_title="工程師",
        birthday=date(1985, 3, 5),
        language="zh-TW",
        time_zone="Asia/Taipei",
        tags=("vip", "a,b"),
        note="two\nlines, " + "長" * 200,
    )
    data = b"".join(write_vcards([content, content]))
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    first, second = cards(data)
    assert first.problems == ()
    assert first.entry == second.entry
    entry = first.entry
    for field in (
        "full_name",
        "given_name",
        "emails",
        "phones",
        "line_ids",
        "social_handles",
        "postal_addresses",
    ):
        assert getattr(entry, field) == getattr(content, field), field
    for field in ("company_name", "job_title", "language", "time_zone", "tags"):
        assert getattr(entry, field) == getattr(content, field), field
    assert normalise_person(entry).record.birthday == content.birthday
    assert entry.custom == {"note": content.note}
    assert entry.external_ids == (("vcard", content.uid),)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200))
def test_escaping_and_folding_can_be_undone(text: str) -> None:
    assert unescaped(escaped(text)) == text
    lines = folded(f"NOTE:{escaped(text)}")
    assert all(len(line) <= 75 for line in lines.split(b"\r\n"))
    found = parse_line(lines.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode())
    assert found is not None
    assert found.text == text


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise_anything_but_its_own_error(data: bytes) -> None:
    try:
        for card in read_vcards(io.BytesIO(b"BEGIN:VCARD\n" + data + b"\nEND:VCARD\n")):
            assert card.number >= 1
    except UnreadableFile:
        return
