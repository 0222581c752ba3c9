"""Mail on one machine: whole files in a folder, and no failure for whoever sends."""

from __future__ import annotations

import email
import email.policy
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.clock import MovableClock
from identity.mail import Mail, NoMailer, SpoolMailer, mailer_of

CLOCK = MovableClock(datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
MAIL = Mail("王@example.com", "邀請您加入", "您好：\n\nhttps://example.com/" + "x" * 200 + "\n")


def test_a_mail_becomes_a_file_that_mail_programs_read(tmp_path: Path) -> None:
    spool = tmp_path / "made" / "spool"
    mailer_of(spool, "https://crm.example.com:8443/", CLOCK).send(MAIL)
    (path,) = spool.iterdir()
    assert path.suffix == ".eml"
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "Rapport <no-reply@crm.example.com>"
    assert str(message["Date"]).startswith("Sun, 01 Mar 2026 08:30:00")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


def test_without_a_spool_nothing_is_sent_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mailer = mailer_of(None, "https://crm.example.com", CLOCK)
    assert isinstance(mailer, NoMailer)
    with caplog.at_level(logging.INFO, logger="identity.mail"):
        mailer.send(MAIL)
    assert "RAPPORT_MAIL_SPOOL is not set" in caplog.text
    assert "example.com" not in caplog.text


def test_a_spool_that_cannot_be_written_fails_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    SpoolMailer(blocked, "Rapport <no-reply@example.com>", CLOCK).send(MAIL)
    assert "mail was not spooled" in caplog.text


def test_an_address_by_number_is_written_as_mail_wants_it(tmp_path: Path) -> None:
    mailer_of(tmp_path, "http://127.0.0.1:8080", CLOCK).send(Mail("a@example.com", "x", "y"))
    (path,) = tmp_path.iterdir()
    assert b"no-reply@[127.0.0.1]" in path.read_bytes()
