"""No mail takes a reader minutes or gigabytes, and what was meant for that is still looked at."""

from __future__ import annotations

import pytest

from desk.mail_reading.balancing import balanced
from desk.mail_reading.markup import safe_html, without_quotation
from desk.mail_reading.reading import read_mail

_TAGS = frozenset("a b br div em i li ol p span table td tr ul".split())


def test_an_address_that_nothing_ends_is_passed_over_at_once() -> None:
    read = read_mail(b"From: <" + b" " * 19_000 + b"x\r\n\r\nhello")
    assert read.unreadable == "no_sender"


def test_quotations_in_a_header_that_nothing_ends_are_looked_at_once() -> None:
    named = b'From: ming@example.com\r\nTo: a@acme.example, "' + rb"\"" * 9_000 + b"\\\r\n\r\nhello"
    assert read_mail(named).recipients == ("a@acme.example",)


@pytest.mark.parametrize("name", [b"Content-Type", b"content-disposition ", b"CONTENT-TYPE"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_parameters_of_a_header_are_bounded(name: bytes, end: bytes) -> None:
    long = name + b': text/plain; name="' + (b";" * 60 + end + b" ") * 100
    assert read_mail(b"From: a@b.example" + end + long + end + end + b"x").unreadable == (
        "headers_too_long"
    )


def test_parts_within_parts_are_bounded_by_how_many_lines_are_compared() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (one, one) for one in range(99)
    )
    lines = b"\nx" * 30_000
    assert read_mail(b"From: a@b.example\n" + nested + lines).unreadable == "parts_too_deep"
    assert read_mail(b"From: a@b.example\n" + nested + b"\nhello").unreadable == ""


def test_a_mail_of_many_lines_with_ordinary_parts_is_read() -> None:
    head = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
    file = b"Content-Type: image/png\nContent-Disposition: attachment; filename=a.png\n"
    coded = b"Content-Transfer-Encoding: base64\n\n" + b"iVBORw0KGgo=\n" * 100_000
    assert read_mail(head + file + coded + b"--b--\n").unreadable == ""


@pytest.mark.parametrize("between", [b"\x0b", b"\x0c", b"\x1c"])
def test_a_mail_within_that_has_odd_breaks_in_a_header_is_a_file_as_it_came(between: bytes) -> None:
    within = b"Subject: a" + between + b"To: nobody\nX-Long: " + b"x " * 99 + b"\n\nhello"
    head = b"From: a@b.example\nContent-Type: message/rfc822\n\n"
    read = read_mail(head + within)
    assert (read.unreadable, read.files[0].content) == ("", within)


def test_looks_that_were_ended_wrongly_are_not_opened_anew_in_every_paragraph() -> None:
    opened = "".join(f"<b class={one}>" for one in range(2_000))
    clean = safe_html(f"<p>{opened}</p>" + "<p>x" * 2_000)
    assert clean.count("<b>") == 1
    assert clean.count("<p>") == 2_001


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<table>",
        "<table><tr><td>",
        "<ul><li>",
        '<a "',
        '<a ="',
        "<!--",
        "<script>",
        "<a href",
    ],
)
def test_no_html_becomes_much_more_than_it_was(piece: str) -> None:
    assert len(without_quotation(piece * 5_000)) < 10 * len(piece) * 5_000 + 10_000


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<ul><li>1<li>2</ul>", "<ul><li>1</li><li>2</li></ul>"),
        ("<b>x<i>y</b>z</i>", "<b>x<i>y</i></b>z"),
        ("a < b & c &lt; d <3 >", "a &lt; b & c &lt; d &lt;3 &gt;"),
        ("<a title='a > b' href=x.example>go</a>", '<a title="a &gt; b" href="x.example">go</a>'),
        ('<a href="https://x.example/?a=1&amp;b=2">go</a>',) * 2,
        ("<style>p { color: red }</style>x<br/>y", "x<br>y"),
        ("<!-- <p> -->x<font color=red>y</font>", "xy"),
        ("<p title=\"it's\">it's</p>", '<p title="it&#x27;s">it\'s</p>'),
    ],
)
def test_html_is_written_anew_and_says_the_same(html: str, written: str) -> None:
    assert balanced(html, _TAGS) == written


def test_nothing_that_runs_is_left_whatever_the_quotation_marks() -> None:
    for trick in (
        '<p title="<img src=x onerror=alert(1)>">x',
        "<p title='\"><script>alert(1)</script>'>x",
        '<a href="java\tscript:alert(1)">x</a>',
        "<a href=&#106;avascript:alert(1)>x</a>",
        "<<script>script>alert(1)<</script>/script>",
        '<p a"><img src=x onerror=alert(1)>"',
    ):
        clean = safe_html(trick)
        assert "<img" not in clean
        assert "<script" not in clean
        assert "javascript:" not in clean.replace("\t", "")
