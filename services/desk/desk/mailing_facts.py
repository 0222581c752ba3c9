"""Facts about files and mail to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.attachments.facts import ATTACHMENT_FACTS
from desk.inbound_mail.facts import INBOUND_MAIL_FACTS
from desk.mailboxes.facts import MAILBOX_FACTS
from desk.outbound_mail.facts import OUTBOUND_MAIL_FACTS

MAILING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **ATTACHMENT_FACTS,
    **MAILBOX_FACTS,
    **INBOUND_MAIL_FACTS,
    **OUTBOUND_MAIL_FACTS,
}
