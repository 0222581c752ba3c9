"""Mails as they come in, written out."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP


def mail(
    text: str = "It leaks.",
    *,
    sender: str = "王小明 <ming@example.com>",
    to: str = "support@acme.example",
    subject: str = "The machine leaks",
    message_id: str = "<1@example.com>",
    html: str = "",
    files: tuple[tuple[str, bytes, str], ...] = (),
    **headers: str,
) -> bytes:
    """A mail; `headers` are further ones, with `_` for `-`."""
    written = EmailMessage(policy=SMTP)
    written["From"], written["To"], written["Subject"] = sender, to, subject
    if message_id:
        written["Message-ID"] = message_id
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(text)
    if html:
        written.add_alternative(html, subtype="html")
    for name, content, kind in files:
        main, _, sub = kind.partition("/")
        written.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return bytes(written)


def bounce(message_id: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A mail server's report about a mail that it could not deliver."""
    name = message_id.strip("<>").partition("@")[0]
    return (
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
        "To: support@acme.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <report-{name}@mx.example>\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; ming@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 No such mailbox\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\nSubject: Re\r\n\r\n--B--\r\n"
    ).encode()
