"""What a reply quotes is cut, and nothing that its writer says."""

from __future__ import annotations

import pytest

from desk.mail_reading.quoting import without_quotation

OUTLOOK = (
    "From: Acme <support@acme.example>\nSent: Monday\nTo: Ming\nSubject: Re: It leaks\n\nHello"
)
CHINESE = "寄件者: Acme <support@acme.example>\n寄件日期: 2031年3月4日\n收件者: 王小明\n主旨: Re: 漏水\n\n您好"


@pytest.mark.parametrize(
    "quotation",
    [
        "On Mon, 3 Mar 2031 at 10:00, Acme <support@acme.example> wrote:\n> Hello\n> there",
        "On Mon, 3 Mar 2031 at 10:00, Acme Support Team of Taipei\n<support@acme.example> wrote:\n> Hello",
        "Acme <support@acme.example> 於 2031年3月4日 週二 上午10:00寫道：\n> 您好",
        "在 2031年3月4日，Acme <support@acme.example> 写道：\n> 您好",
        "2031年3月4日(火) 10:00 Acme <support@acme.example>:\n> Hello",
        "Am 03.03.2031 um 10:00 schrieb Acme:\n> Hello",
        "-----Original Message-----\nHello",
        "-----原始郵件-----\n您好",
        f"________________________________\n{OUTLOOK}",
        OUTLOOK,
        CHINESE,
        "> Hello\n> there",
    ],
)
def test_a_quotation_at_the_end_is_cut(quotation: str) -> None:
    assert without_quotation(f"It still leaks.\n\n{quotation}\n") == "It still leaks."


def test_an_answer_below_a_quotation_is_kept() -> None:
    text = "On Monday the 3rd, Acme wrote:\n> Does it leak?\n\nYes, it does."
    assert without_quotation(text) == "Yes, it does."


def test_answers_between_lines_keep_what_they_answer() -> None:
    text = "Hello\nOn Monday the 3rd, Acme wrote:\n> Does it leak?\nYes.\n> Where?\nBelow."
    assert without_quotation(text) == text


def test_what_is_forwarded_is_the_message() -> None:
    text = f"See below\n\n---------- Forwarded message ----------\n{OUTLOOK}"
    assert without_quotation(text, "Fwd: It leaks") == text


@pytest.mark.parametrize(
    "text",
    [
        "On the machine I wrote: it leaks\nand more",
        "From: is a word that I like.\nIt leaks.",
        "> only a quotation",
        "a > b\nc",
        "Please ask on Monday whoever wrote:",
    ],
)
def test_what_only_looks_like_a_quotation_stays(text: str) -> None:
    assert without_quotation(text) == text
