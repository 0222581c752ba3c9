"""Mail is read for what it says, whatever it looks like."""

from __future__ import annotations

from typing import Any

import pytest

from desk.mail_reading.domain import Automatic, Bounce
from desk.mail_reading.reading import read_mail
from services.desk.tests.mail_reading.mails import bounce, mail


def raw(head: str, body: bytes) -> bytes:
    """A mail of headers and bytes."""
    start = "From: ming@example.com\r\nMessage-ID: <1@example.com>\r\n"
    return (start + head + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


def test_an_ordinary_mail_is_read_whole() -> None:
    sent = mail(
        files=(("漏水.png", b"\x89PNG", "image/png"),),
        Date="Tue, 04 Mar 2031 10:00:00 +0800",
        In_Reply_To="<0@acme.example>",
        References="<a@acme.example> <0@acme.example>",
        Cc="Lin <LIN@example.com>",
    )
    read = read_mail(sent)
    assert (read.sender, read.sender_name) == ("ming@example.com", "王小明")
    assert read.subject == "The machine leaks"
    assert read.text == "It leaks."
    assert read.message_id == "<1@example.com>"
    assert read.references == ("<a@acme.example>", "<0@acme.example>")
    assert read.recipients == ("support@acme.example", "lin@example.com")
    assert [(one.name, one.content) for one in read.files] == [("漏水.png", b"\x89PNG")]
    assert read.sent_at is not None
    assert read.sent_at.isoformat() == "2031-03-04T02:00:00+00:00"
    named = mail(sender='"ceo@acme.example (<a@b.example>)" <ming@example.com>')
    assert read_mail(named).sender == "ming@example.com"
    assert (read.automatic, read.spam, read.unreadable) == (Automatic.NO, "", "")


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("big5", "cp950", "機器漏水，請協助"),
        ("gb2312", "gb18030", "机器漏水，请帮忙"),
        ("gb18030", "gb18030", "机器漏水，请帮忙"),
        ("iso-2022-jp", "iso2022_jp", "水が漏れています"),
        ("shift_jis", "cp932", "水が漏れています"),
        ("us-ascii", "utf-8", "機器漏水"),
        ("iso-8859-1", "cp1252", "Die Düse ist undicht"),
        ("no-such-thing", "utf-8", "機器漏水"),
        ("idna", "utf-8", "plain"),
        ("", "cp950", "機器漏水請協助處理"),
    ],
)
def test_text_is_read_in_what_it_is_written_in(charset: str, codec: str, text: str) -> None:
    said = f"; charset={charset}" if charset else ""
    read = read_mail(raw(f"Content-Type: text/plain{said}", text.encode(codec)))
    assert read.text == text


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?big5?B?vvel+LpepPQ=?=", "機未滴壹"),
        ("=?utf-8?Q?It_leaks_=E6=BC=8F?=\r\n =?utf-8?B?5rC0?=", "It leaks 漏水"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
        ("=?nonsense?B?5rC0?=", "水"),
        ("plain 漏水", "plain 漏水"),
        ("a\x00b", "ab"),
    ],
)
def test_a_subject_is_one_line_of_text(header: str, subject: str) -> None:
    read = read_mail(raw(f"Subject: {header}", b"x"))
    assert "\n" not in read.subject
    if "big5" not in header:
        assert read.subject == subject
    else:
        assert read.subject.isprintable()


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00\xff\xfe",
        b"no headers at all",
        b"Subject: nobody sent it\r\n\r\nx",
        b"From: \r\n\r\nx",
        b"From: not an address\r\n\r\nx",
        b"A: 1\r\n" * 2_000 + b"\r\nx",
        b"From: a@b.example\r\n" + b"X: " + b"y" * 400_000,
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
        + b"--B\r\n\r\n" * 5_000,
        b"From: a@b.example\r\n\r\n" + b"\n" * 1_100_000,
    ],
)
def test_what_nobody_can_read_is_said_to_be_unreadable(broken: bytes) -> None:
    assert read_mail(broken).unreadable != ""


@pytest.mark.parametrize(
    "odd",
    [
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"From: a@b.example\r\nContent-Type: text/plain; charset=\r\n\r\nx",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: a@b.example\r\nDate: Tue, 99 Foo 99999 99:99:99 +9999\r\n\r\nx",
        b'From: a@b.example\r\nTo: "<>,;:@[\r\nCc: (((((((\r\n\r\nx',
        b"From: =?utf-8?B?!!!?= <a@b.example>\r\nSubject: =?x?y?z?=\r\n\r\nx",
        b"From: a@b.example\r\nContent-Disposition: attachment; filename*=x''%ZZ\r\n\r\nx",
        b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n",
    ],
)
def test_what_is_merely_odd_is_read(odd: bytes) -> None:
    read = read_mail(odd)
    assert (read.sender, read.unreadable) == ("a@b.example", "")


def test_deeply_nested_parts_end_somewhere() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (n, n) for n in range(900)
    )
    read = read_mail(b"From: a@b.example\r\n" + nested + b"\r\nx")
    assert read.text in ("", "x")


@pytest.mark.parametrize(
    ("headers", "sender", "automatic"),
    [
        ({"Auto_Submitted": "auto-replied"}, "a@b.example", Automatic.REPLY),
        ({"Auto_Submitted": "auto-generated"}, "a@b.example", Automatic.QUIET),
        ({"Auto_Submitted": "no"}, "a@b.example", Automatic.NO),
        ({"Precedence": "bulk"}, "a@b.example", Automatic.QUIET),
        ({"X_Auto_Response_Suppress": "OOF"}, "a@b.example", Automatic.QUIET),
        ({"List_Id": "<news.example>"}, "a@b.example", Automatic.QUIET),
        ({"Return_Path": "<>"}, "a@b.example", Automatic.QUIET),
        ({"Return_Path": "<a@b.example>"}, "a@b.example", Automatic.NO),
        ({}, "MAILER-DAEMON@b.example", Automatic.QUIET),
        ({}, "no-reply@b.example", Automatic.QUIET),
        ({"subject": "自動回覆: The machine leaks"}, "a@b.example", Automatic.REPLY),
        ({"subject": "Out of Office: until Monday"}, "a@b.example", Automatic.REPLY),
    ],
)
def test_mail_that_no_person_wrote_is_known(
    headers: dict[str, Any], sender: str, automatic: Automatic
) -> None:
    assert read_mail(mail(sender=sender, **headers)).automatic is automatic


def test_an_empty_return_path_of_the_envelope_counts() -> None:
    assert read_mail(mail(), "").automatic is Automatic.QUIET
    assert read_mail(mail(), "ming@example.com").automatic is Automatic.NO


def test_a_delivery_report_says_what_came_back() -> None:
    read = read_mail(bounce("<77@rapport.example>"))
    assert read.bounce == Bounce(
        "ming@example.com", permanent=True, detail="smtp; 550 No such mailbox"
    )
    assert read.returned == ("<77@rapport.example>",)
    assert read_mail(bounce("<77@rapport.example>", action="delayed")).bounce is None
    later = read_mail(bounce("<77@rapport.example>", status="4.2.2")).bounce
    assert later is not None
    assert not later.permanent


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X_Spam_Flag": "YES"}, "spam"),
        ({"X_Spam_Status": "Yes, score=12"}, "spam"),
        ({"X_Spam_Status": "No, score=-1"}, ""),
        ({"Authentication_Results": "mx; spf=fail; dmarc=fail (p=reject)"}, "sender_unproven"),
        ({"Authentication_Results": "mx; dmarc=pass"}, ""),
    ],
)
def test_what_servers_before_found_unwanted_is_known(headers: dict[str, Any], why: str) -> None:
    assert read_mail(mail(**headers)).spam == why


def test_html_is_made_safe_and_read_as_text() -> None:
    html = (
        "<html><head><style>p{}</style></head><body onload=x()><p>It <b>leaks</b>.<br>Look:"
        ' <a href="https://example.com/a">here</a> <a href="javascript:x()">not here</a></p>'
        '<img src="https://tracker.example/1.gif"><script>alert(1)</script>'
        '<div class="gmail_quote">On Monday Acme wrote:<blockquote>Hello</blockquote></div></body></html>'
    )
    sent = raw("Content-Type: text/html; charset=utf-8", html.encode())
    read = read_mail(sent)
    assert read.text == "It leaks.\nLook: here <https://example.com/a> not here"
    assert "<b>leaks</b>" in read.html
    for gone in ("script", "onload", "img", "tracker", "Hello", "style"):
        assert gone not in read.html
