"""What headers give away: that no person wrote a mail (RFC 3834), that it came back, or is unwanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.message import Message

from desk.mail_reading.domain import Automatic, Bounce

Headers = Mapping[str, Sequence[str]]
"""All values of each header, by its name in small letters."""

_ROBOTS = re.compile(
    r"(mailer-daemon|postmaster|mail-daemon|no-?reply|do-?not-?reply|noreply[-+_.].*|bounces?([-+_.].*)?)@"
)
_REPLIES_ITSELF = re.compile(
    r"^\s*(auto(matic)?[ -]?(reply|response)|out of (the )?office|自動回覆|自动回复|自動回复|自動応答|자동 회신"
    r"|abwesenheitsnotiz|automatische antwort|réponse automatique|respuesta automática)",
    re.IGNORECASE,
)
_PRECEDENCE = frozenset(("bulk", "junk", "list", "auto_reply"))
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")


def automatic(headers: Headers, sender: str, subject: str, *, empty_return_path: bool) -> Automatic:
    """How far no person wrote a mail."""
    said = _word(headers, "auto-submitted")
    precedence = _word(headers, "precedence")
    if (
        said.startswith("auto-replied")
        or precedence == "auto_reply"
        or any(name in headers for name in ("x-autoreply", "x-autorespond", "x-autoreply-domain"))
        or _REPLIES_ITSELF.match(subject)
    ):
        return Automatic.REPLY
    quiet = (
        said not in ("", "no"),
        precedence in _PRECEDENCE,
        "x-auto-response-suppress" in headers,
        any(name in headers for name in ("list-id", "list-unsubscribe", "feedback-id")),
        empty_return_path,
        _ROBOTS.match(sender),
    )
    return Automatic.QUIET if any(quiet) else Automatic.NO


def spam(headers: Headers) -> str:
    """Why a mail looks unwanted, as the servers before found; empty when they found nothing."""
    flags = (
        _word(headers, "x-spam-flag"),
        _word(headers, "x-spam"),
        _word(headers, "x-spam-status"),
    )
    if any(flag.startswith("yes") for flag in flags):
        return "spam"
    if _word(headers, "x-rspamd-action").startswith(("reject", "add header", "rewrite subject")):
        return "spam"
    proofs = " ".join(headers.get("authentication-results", ())[:5]).lower()
    # Whoever says of themselves that they are not to be believed may be believed in that.
    return "sender_unproven" if "dmarc=fail" in proofs else ""


def bounce_in(mail: Message, parts: Sequence[Message]) -> Bounce | None:
    """What a delivery report says; None for what is none, and for a delay."""
    if mail.get_content_type() != "multipart/report":
        return None
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            groups = payload if isinstance(payload, list) else []
            failed = [
                one
                for one in groups
                if isinstance(one, Message) and _field(one, "action") == "failed"
            ]
            return _bounce_of(failed[0]) if failed else None
    return None


def _bounce_of(fields: Message) -> Bounce:
    status = _STATUS.search(_field(fields, "status"))
    recipient = _field(fields, "original-recipient") or _field(fields, "final-recipient")
    detail = " ".join(str(fields.get("diagnostic-code", "")).split())
    return Bounce(
        recipient=recipient.rpartition(";")[2].strip()[:254],
        permanent=status is None or status[1] == "5",
        detail=detail[:300].encode("ascii", "replace").decode(),
    )


def _field(fields: Message, name: str) -> str:
    return str(fields.get(name, "")).strip().lower()


def _word(headers: Headers, name: str) -> str:
    values = headers.get(name, ())
    return values[0].strip().lower() if values else ""
