"""Letters to be printed: read back from the PDF, in the window of the envelope, the same each time (NO-1)."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import Destination

from chassis.testing.client import ApiAnswer
from notifications.letters.blocks import Kind, blocks_of
from notifications.letters.keeping import StoredLetters
from notifications.letters.printing import MOST_PRINTED, as_pdf
from notifications.providers.port import Outgoing
from services.notifications.tests.delivery.sending import SendingNotifications

BATCHES = "/v1/notifications/letters/batches"
MESSAGES = "/v1/notifications/messages"
MM = 72 / 25.4
SENDER = "Amphitrite Coffee, 信義路1號"
ADDRESS = "王小明\n台北市信義區市府路1號\n110"
HTML = (
    "<style>p {color: red}</style><h1>Your contract</h1><p>Dear <b>Ming</b>, 您好：</p>"
    "<ul><li>two   machines</li><li>兩台咖啡機</li></ul><ol><li>sign</li></ol>"
    '<p style="display:none">nothing</p><p>See <a href="https://shop.example/a">our page</a>.</p>'
)


def set_up(sending: SendingNotifications) -> None:
    """A mailing house that prints a line above addresses."""
    body = {
        "name": "Printers",
        "kind": "mailing_house",
        "channel": "post",
        "settings": {"sender": SENDER},
    }
    assert sending.client.post("/v1/notifications/providers", body).status_code == 201


def write(sending: SendingNotifications, **content: str) -> None:
    """Queue a letter."""
    body = {"to": ADDRESS, "channel": "post", "content": {"text": "Hello.", **content}}
    assert sending.client.post(MESSAGES, body).status_code == 201


def begun(sending: SendingNotifications, most: int | None = None) -> str:
    """A batch of what waits; gives its path."""
    made = sending.client.post(BATCHES if most is None else f"{BATCHES}?most={most}")
    assert made.status_code == 201, made.text
    return str(made.headers["Location"])


def pdf(sending: SendingNotifications, path: str) -> ApiAnswer:
    """The batch to be printed."""
    answer = sending.client.get(f"{path}?format=pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    return answer


def pages(content: bytes) -> list[str]:
    """What each page says, on one line."""
    return [" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(content)).pages]


def places(content: bytes, page: int = 0) -> dict[str, tuple[float, float]]:
    """Where each piece of a page begins: millimetres from the left and from the upper edge."""
    found: dict[str, tuple[float, float]] = {}

    def note(text: str, matrix: Any, placed: Any, _font: Any, _size: Any) -> None:
        x = placed[4] * matrix[0] + placed[5] * matrix[2] + matrix[4]
        y = placed[4] * matrix[1] + placed[5] * matrix[3] + matrix[5]
        if text.strip():
            found.setdefault(text.strip(), (x / MM, 297 - y / MM))

    PdfReader(io.BytesIO(content)).pages[page].extract_text(visitor_text=note)
    return found


def test_letters_are_printed_each_on_its_own_pages_with_all_that_they_say(
    sending: SendingNotifications,
) -> None:
    set_up(sending)
    write(sending, subject="About your contract 合約", html=HTML)
    write(sending, subject="Second", text="First paragraph.\n\nAnother <b>one</b>.")
    sending.work()
    path = begun(sending)
    answer = pdf(sending, path)
    first, second = pages(answer.data)
    for said in (
        SENDER,
        "王小明 台北市信義區市府路1號 110",
        "About your contract 合約",
        "Your contract Dear Ming, 您好：",
        "two machines",
        "兩台咖啡機",
        "1. sign",
        "See our page (https://shop.example/a).",
    ):
        assert said in first
    assert "nothing" not in first
    assert "color" not in first
    assert "Second First paragraph. Another <b>one</b>." in second
    assert "1 / " not in first, "one page alone needs no number"
    outline = [
        entry.title
        for entry in PdfReader(io.BytesIO(answer.data)).outline
        if isinstance(entry, Destination)
    ]
    lines = sending.client.get(path).data.splitlines()
    assert outline == [orjson.loads(line)["id"] for line in lines], "found by the letters' ids"


def test_what_the_window_shows_is_where_din_5008_has_it(sending: SendingNotifications) -> None:
    set_up(sending)
    write(sending, subject="Subject", text="Words.")
    sending.work()
    found = places(pdf(sending, begun(sending)).data)
    left, top = next(place for text, place in found.items() if text.startswith("Amphitrite"))
    assert left == pytest.approx(25, abs=0.5)
    assert 55 < top < 62.7
    for line in ("王小明", "110"):
        left, top = next(place for text, place in found.items() if line in text)
        assert left == pytest.approx(25, abs=0.5)
        assert 62.7 < top < 90
    assert 98.5 < next(place for text, place in found.items() if "Subject" in text)[1] < 106


def test_a_long_letter_goes_on_with_numbered_pages_and_the_next_begins_anew(
    sending: SendingNotifications,
) -> None:
    set_up(sending)
    write(sending, text="\n\n".join(f"Paragraph {n} 這是一份測試文件。" for n in range(120)))
    write(sending, text="Short.")
    sending.work()
    written = pages(pdf(sending, begun(sending)).data)
    count = len(written) - 1
    assert count > 2
    assert [f"{n + 1} / {count}" in page for n, page in enumerate(written)] == [True] * count + [
        False
    ]
    assert all(f"Paragraph {n} " in " ".join(written) for n in range(120))
    assert SENDER in written[0]
    assert SENDER not in written[1]
    assert SENDER in written[-1]


def test_a_batch_is_the_same_bytes_whenever_it_is_printed_with_its_fonts_in_it(
    sending: SendingNotifications,
) -> None:
    set_up(sending)
    sending.clock.set(datetime.now(UTC))
    write(sending, html=HTML)
    sending.work()
    path = begun(sending)
    first = pdf(sending, path).data
    sending.clock.advance(minutes=4)
    assert pdf(sending, path).data == first
    page: Any = PdfReader(io.BytesIO(first)).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    embedded = [font for font in fonts if "/FontDescriptor" in font]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in embedded)
    assert len(first) < 100_000


def test_houses_that_begin_batches_at_once_share_what_waits(sending: SendingNotifications) -> None:
    set_up(sending)
    for number in range(6):
        write(sending, text=f"Letter {number}.")
    sending.work()
    with ThreadPoolExecutor(3) as threads:
        paths = list(threads.map(lambda _: begun(sending, 2), range(3)))
    written = [page for path in paths for page in pages(pdf(sending, path).data)]
    assert len(written) == 6
    assert all(sum(f"Letter {n}." in page for page in written) == 1 for n in range(6))


def test_who_may_not_read_letters_prints_none(sending: SendingNotifications) -> None:
    set_up(sending)
    write(sending)
    sending.work()
    path = f"{begun(sending)}?format=pdf"
    assert sending.harness.anonymous().get(path).status_code == 401
    assert sending.harness.app_client(uuid4()).get(path).status_code == 404
    writer = sending.harness.app_client(sending.tenant_id, "notifications.messages.*")
    assert writer.get(path).status_code == 403
    for wrong in (0, 5001, "x"):
        assert sending.client.post(f"{BATCHES}?most={wrong}").status_code in (400, 422)


def test_more_letters_than_can_be_printed_are_refused_and_can_be_read(
    sending: SendingNotifications,
) -> None:
    letters = StoredLetters(sending.harness.service.operations)
    for _ in range(MOST_PRINTED + 1):
        letters.put(_outgoing(sending))
    path = begun(sending)
    refused = sending.client.get(f"{path}?format=pdf")
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_letters_to_print")
    assert len(sending.client.get(path).data.splitlines()) == MOST_PRINTED + 1


def test_a_long_address_becomes_smaller_and_stays_in_the_window() -> None:
    address = "\n".join(f"Line {number} of a long address" for number in range(30))
    found = places(as_pdf([_row(address=address)]))
    tops = [top for text, (_, top) in found.items() if "of a long address" in text]
    assert tops
    assert min(tops) > 62
    assert max(tops) < 90.5


_MARKUP = st.sampled_from(
    "<p> </p> <b> </b> <ul> </ul> <ol> </ol> <li> </li> <br> <td> <tr> <h2> </h2> <a href='x'> </a>"
    " <style> </style> <div style='display:none'> </div> &amp; &lt; < > 王 words ".split()
)


@settings(deadline=None)
@given(st.lists(_MARKUP, max_size=30))
def test_any_html_is_read_to_the_end(pieces: list[str]) -> None:
    blocks = blocks_of("".join(pieces), "")
    assert all(block.text.strip() for block in blocks)
    assert all(bool(block.mark) == (block.kind is Kind.ITEM) for block in blocks)


@settings(max_examples=10, deadline=None)
@given(st.lists(_MARKUP, max_size=20), st.text(max_size=60))
def test_any_letter_can_be_printed(pieces: list[str], text: str) -> None:
    row = _row(address=text, subject=text, text=text, html="".join(pieces))
    assert PdfReader(io.BytesIO(as_pdf([row, row]))).pages


def _row(**about: str) -> dict[str, Any]:
    plain = {"sender": "", "name": "", "address": "", "subject": "", "text": "x", "html": ""}
    return {"id": uuid4(), **plain, **about}


def _outgoing(sending: SendingNotifications) -> Outgoing:
    return Outgoing(
        tenant_id=sending.tenant_id,
        message_id=uuid4(),
        idempotency_key="",
        address=ADDRESS,
        name="",
        subject="",
        text="Hello.",
        html="",
        language="",
        purpose="",
        transactional=True,
        unsubscribe_url="",
        written_at=datetime.now(UTC),
    )
