"""Reads vCard 3.0 and 4.0 (and what 2.1 has in common with them) as people's entries, one card at a time."""

from collections.abc import Iterator
from typing import NamedTuple

from contacts.imports.formats.csv_reader import Joined
from contacts.imports.formats.encodings import SAMPLE, detect_encoding
from contacts.imports.formats.lines import ByteStream, Undecodable
from contacts.imports.formats.rows import UnreadableFile
from contacts.imports.formats.vcard_lines import CardLines, Property, cards_of, parse_line
from contacts.quality.person import ContactEntry, PersonEntry
from contacts.quality.postal_address import PostalAddress
from contacts.quality.problem import Problem

_VERSIONS = frozenset({"2.1", "3.0", "4.0"})
_LABELS = ("work", "home", "cell", "fax", "other")
_LINE_SERVICES = ("line:", "x-line:", "https://line.me/ti/p/")
_EXTERNAL_SYSTEM = "vcard"


class Card(NamedTuple):
    """One person: which card it is in the file, the line where it begins, the entry, and what is wrong with the card."""

    number: int
    first_line: int
    entry: PersonEntry
    problems: tuple[Problem, ...] = ()


def read_vcards(stream: ByteStream) -> Iterator[Card]:
    """The cards of a stream. Raises `UnreadableFile` where there is none, and where the text cannot be decoded."""
    sample = stream.read(SAMPLE)
    if not sample:
        raise UnreadableFile("file_empty", "the file is empty", byte_offset=0)
    detected = detect_encoding(sample)
    number = 0
    try:
        cards = cards_of(Joined(sample, stream), detected.encoding, detected.mark)
        for number, card in enumerate(cards, 1):
            yield _card(number, card)
    except Undecodable as error:
        message = f"byte 0x{error.byte:02X} is no text in the encoding {detected.encoding}"
        raise UnreadableFile(
            "undecodable", message, row=number + 1, byte_offset=error.byte_offset
        ) from error
    if not number:
        raise UnreadableFile("not_vcard", "there is no BEGIN:VCARD in the file")


def _card(number: int, card: CardLines) -> Card:
    if card.is_too_long:
        problem = Problem("card_too_long", "the card is too long; is an END:VCARD missing?")
        return Card(number, card.first_line, PersonEntry(), (problem,))
    properties = [p for p in map(parse_line, card.lines) if p is not None]
    problems: list[Problem] = []
    if len(properties) < len(card.lines):
        problems.append(
            Problem(
                "line_unreadable", f"{len(card.lines) - len(properties)} lines hold no property"
            )
        )
    if not card.is_complete:
        problems.append(Problem("card_cut_off", "the card has no END:VCARD"))
    version = next((p.value.strip() for p in properties if p.name == "VERSION"), "")
    if version not in _VERSIONS:
        message = (
            f"version “{version[:20]}” is not 3.0 or 4.0" if version else "the card has no version"
        )
        problems.append(Problem("version_unknown", message, "/VERSION"))
    return Card(number, card.first_line, _entry(properties), tuple(problems))


def _entry(properties: list[Property]) -> PersonEntry:
    by_name: dict[str, list[Property]] = {}
    for item in properties:
        by_name.setdefault(item.name, []).append(item)
    family, given, middle = _name(by_name)
    handles = [
        (p.name, p.text.strip())
        for p in (*by_name.get("IMPP", ()), *by_name.get("X-SOCIALPROFILE", ()))
    ]
    line_ids = [p.text.strip() for p in by_name.get("X-LINE", ())]
    line_ids += [
        _without_service(text) for _, text in handles if text.lower().startswith(_LINE_SERVICES)
    ]
    return PersonEntry(
        given_name=" ".join(filter(None, (given, middle))),
        family_name=family,
        full_name=_first(by_name, "FN"),
        emails=_contacts(by_name.get("EMAIL", [])),
        phones=_contacts([p for p in by_name.get("TEL", []) if "fax" not in p.types]),
        line_ids=tuple(dict.fromkeys(filter(None, line_ids))),
        social_handles=tuple(
            t for _, t in handles if t and not t.lower().startswith(_LINE_SERVICES)
        ),
        postal_addresses=tuple(a for a in map(_address, by_name.get("ADR", ())) if any(a)),
        company_name=by_name["ORG"][0].parts[0].strip() if by_name.get("ORG") else "",
        job_title=_first(by_name, "TITLE"),
        birthday=_birthday(_first(by_name, "BDAY")),
        language=_first(by_name, "LANG"),
        time_zone=_first(by_name, "TZ"),
        tags=tuple(t for p in by_name.get("CATEGORIES", ()) for t in p.items if t),
        external_ids=tuple(
            (_EXTERNAL_SYSTEM, p.text.strip()) for p in by_name.get("UID", ())[:1] if p.text.strip()
        ),
        custom={"note": note} if (note := _first(by_name, "NOTE")) else {},
    )


def _first(by_name: dict[str, list[Property]], name: str) -> str:
    return by_name[name][0].text.strip() if by_name.get(name) else ""


def _name(by_name: dict[str, list[Property]]) -> tuple[str, str, str]:
    """Family, given and further names."""
    if not by_name.get("N"):
        return "", "", ""
    family, given, middle, *_ = [*(part.strip() for part in by_name["N"][0].parts), "", "", ""]
    return family, given, middle


def _contacts(properties: list[Property]) -> tuple[ContactEntry, ...]:
    entries = []
    for item in properties:
        label = next((name for name in _LABELS if name in item.types), "")
        primary = "pref" in item.types or item.parameters.get("PREF") == ("1",)
        value = item.text.strip()
        entries.append(
            ContactEntry(_without_scheme(value), "mobile" if label == "cell" else label, primary)
        )
    return tuple(entry for entry in entries if entry.value)


def _without_scheme(value: str) -> str:
    """`tel:+886-2-2345-6789;ext=12` as people write it."""
    if value[:4].lower() != "tel:":
        return value
    number, _, extension = value[4:].partition(";ext=")
    return (
        f"{number.partition(';')[0]} ext. {extension.partition(';')[0]}"
        if extension
        else number.partition(";")[0]
    )


def _without_service(text: str) -> str:
    return text[
        max(len(service) for service in _LINE_SERVICES if text.lower().startswith(service)) :
    ]


def _address(item: Property) -> PostalAddress:
    box, extended, street, city, region, code, country, *_ = [
        *(p.strip() for p in item.parts),
        *[""] * 7,
    ]
    lines = [line for part in (street, extended, box) for line in part.split("\n")]
    return PostalAddress(
        tuple(line.strip() for line in lines if line.strip()), city, region, code, country
    )


def _birthday(value: str) -> str:
    """`1985-03-05T00:00:00Z` is a day; `--0305` stays, so that the missing year is reported."""
    return value.partition("T")[0]
