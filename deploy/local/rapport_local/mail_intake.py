"""Hands mail that has arrived to desk, which knows the mailboxes of all tenants.

Who sends a mail may be told that it was taken only when it is stored for good: so the answer of desk
decides. An address that is nobody's mailbox is none of desk's business.
"""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

_SECONDS = 60.0


@dataclass
class MailIntake:
    """Desk's door for mail: where it is, and the platform's secret that opens it.

    While desk does not answer, mail to addresses that it has taken mail for before is put off, and
    all else is merely kept: the platform's own mail does not wait for desk.
    """

    url: str
    secret: str
    known: set[str] = field(default_factory=set)

    def take(self, sender: str, recipients: Sequence[str], content: bytes) -> bool:
        """Whether desk has the mail, or never wants it; False to have it sent again later."""
        query = urllib.parse.urlencode(
            [("sender", sender), *(("recipient", r) for r in recipients)]
        )
        request = urllib.request.Request(  # noqa: S310 - the address is the platform's own
            f"{self.url}?{query}",
            data=content,
            headers={"Authorization": f"Bearer {self.secret}", "Content-Type": "message/rfc822"},
            method="POST",
        )
        plain = {_plain(recipient) for recipient in recipients}
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
                self.known |= plain
                return True
        except urllib.error.HTTPError as refused:
            refused.close()
            if refused.code == HTTPStatus.NOT_FOUND:
                return True
            return not plain & self.known
        except OSError:
            return not plain & self.known


def _plain(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
