"""A mail is known again by its headers, as it was when all of it was read."""

from __future__ import annotations

import pytest

from desk.mail_reading.reading import read_mail, read_name
from services.desk.tests.mail_reading.mails import bounce, mail

NASTY = (
    mail(files=(("leak.png", b"\x89PNG\r\n\x1a\n", "image/png"),), html="<p>It leaks.</p>"),
    mail(message_id=""),
    mail(sender='"thief@else.example" <Ming@Example.com> (at home)'),
    bounce("<1@example.com>"),
    b"From: ming@example.com\n\nMessage-ID: <in-the-words@example.com>\n",
    b"Message-ID:\r\n <folded@example.com>\r\nFrom: =?utf-8?q?Ming?=\r\n <ming@example.com>\r\n\r\n",
    b"Message-ID: <1@a> <2@a>\r\nMessage-ID: <3@a>\r\nFrom: nobody\r\n\r\n",
    b"no header at all",
    b"X: 1\n" * 1_500 + b"Message-ID: <1@a>\nFrom: ming@example.com\n\n",
    bytes(range(256)),
)


@pytest.mark.parametrize("raw", NASTY)
def test_a_mail_has_the_same_name_by_its_headers_as_by_all_of_it(raw: bytes) -> None:
    read = read_mail(raw)
    assert read_name(raw) == (read.message_id, read.sender)
