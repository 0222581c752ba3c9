"""Identity's own mail: written properly, tried again, never sent twice, and no failure for whoever sends."""

from __future__ import annotations

import email
import email.policy
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chassis.clock import MovableClock
from chassis.outbound.smtp import Handover, SmtpResult
from chassis.testing.waiting import eventually
from identity.mail import Mail, NoMailer
from identity.smtp_mailer import SmtpMailer

CLOCK = MovableClock(datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
MAIL = Mail("wang@example.com", "邀請您加入", "您好：\n\nhttps://example.com/" + "x" * 200 + "\n")


class Server:
    """A mail server that answers as it is told, one answer after the other."""

    def __init__(self, *answers: Handover) -> None:
        self._answers = list(answers)
        self.got: list[tuple[str, bytes]] = []

    def send(self, recipient: str, mail: bytes) -> SmtpResult:
        """Take the mail, and give the next answer; the last one for ever."""
        self.got.append((recipient, mail))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return SmtpResult(answer, 250 if answer is Handover.ACCEPTED else 451, "as told")


def sent(server: Server, *mails: Mail, expected: Callable[[], bool]) -> None:
    """Send and wait for what is expected, with hardly a pause between attempts."""
    mailer = SmtpMailer(
        server.send, "Rapport <no-reply@crm.example.com>", CLOCK, pauses=(0.01, 0.02)
    )
    mailer.start()
    mailer.start()
    assert mailer.is_healthy()
    for mail in mails:
        mailer.send(mail)
    eventually(expected)
    mailer.stop(5)


def test_a_mail_arrives_with_all_that_mail_programs_read() -> None:
    server = Server(Handover.ACCEPTED)
    sent(server, MAIL, expected=lambda: len(server.got) == 1)
    [(recipient, content)] = server.got
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert recipient == message["To"] == MAIL.to
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "Rapport <no-reply@crm.example.com>"
    assert str(message["Date"]).startswith("Sun, 01 Mar 2026 08:30:00")
    assert message["Message-ID"].endswith("@crm.example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize(
    "encoding", ["q?=0d=0aBcc:_thief@example.com=0d=0a=0d=0aPay", "b?DQpCY2M6IHg"]
)
def test_nobody_adds_headers_by_what_reads_as_encoded(encoding: str) -> None:
    """The name of an organisation, say: the library decodes it, and writes the line ends of it."""
    server, words = Server(Handover.ACCEPTED), f"=?utf-8?{encoding}?="
    mail = Mail(f"{words.replace(':', '=3A')}@example.com", f"Invitation to {words}", "Text")
    sent(server, mail, expected=lambda: len(server.got) == 1)
    [(_recipient, content)] = server.got
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["Bcc"] is None
    assert message["Subject"].strip().startswith("Invitation to = ?utf-8?")
    assert message.get_content().strip() == "Text"


def test_a_mail_that_the_server_defers_is_tried_again_and_delays_no_other() -> None:
    server = Server(Handover.DEFERRED, Handover.ACCEPTED)
    other = Mail("li@example.com", "x", "y")
    sent(server, MAIL, other, expected=lambda: len(server.got) == 3)
    assert [recipient for recipient, _ in server.got] == [MAIL.to, other.to, MAIL.to]
    assert server.got[0][1] == server.got[2][1]


@pytest.mark.parametrize("answer", [Handover.REFUSED, Handover.UNCERTAIN])
def test_a_mail_that_was_refused_or_may_have_arrived_is_not_sent_again(
    answer: Handover, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(answer)
    sent(server, MAIL, expected=lambda: "mail was not sent" in caplog.text)
    assert len(server.got) == 1
    assert MAIL.to not in caplog.text


def test_a_mail_is_given_up_when_the_server_stays_away(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(Handover.DEFERRED)
    sent(server, MAIL, expected=lambda: "mail was not sent" in caplog.text)
    assert len(server.got) == 3


def test_what_waits_is_tried_once_more_before_the_end() -> None:
    server = Server(Handover.DEFERRED, Handover.ACCEPTED)
    mailer = SmtpMailer(server.send, "no-reply@crm.example.com", CLOCK, pauses=(3600,))
    mailer.start()
    mailer.send(MAIL)
    eventually(lambda: len(server.got) == 1)
    mailer.stop(5)
    assert len(server.got) == 2


def test_without_a_server_nothing_is_sent_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="identity.mail"):
        NoMailer().send(MAIL)
    assert "RAPPORT_MAIL_SMTP_URL is not set" in caplog.text
    assert "example.com" not in caplog.text


def test_whoever_can_wait_is_told_whether_to_try_again() -> None:
    """What may have arrived, or never will, is not sent a second time."""

    def broken(_recipient: str, _mail: bytes) -> SmtpResult:
        raise OSError

    answers = {
        Handover.ACCEPTED: True,
        Handover.DEFERRED: False,
        Handover.UNCERTAIN: True,
        Handover.REFUSED: True,
    }
    assert set(answers) == set(Handover)
    sender = "Rapport <no-reply@crm.example.com>"
    for answer, is_done in answers.items():
        assert SmtpMailer(Server(answer).send, sender, CLOCK).deliver(MAIL) is is_done
    assert SmtpMailer(broken, sender, CLOCK).deliver(MAIL) is False
    assert NoMailer().deliver(MAIL)
