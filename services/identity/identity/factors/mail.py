"""Tells users by mail what has happened to their second factors, in case it was somebody else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from identity.mail import Mail, Mailer
from identity.pages.words import words_for
from identity.sign_in.queries import Account

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

PAGE = "/p/identity/account/second-factor"


class FactorMail:
    """Has mail sent once what it tells of is committed."""

    def __init__(self, mailer: Mailer, public_url: str) -> None:
        self._mailer = mailer
        self._link = f"{public_url}{PAGE}"

    def added(self, tx: IdentityTx, account: Account, factor: str) -> None:
        """There is one more factor, of this name."""
        self._tell(tx, account, "mail.factor_added", factor=factor)

    def removed(self, tx: IdentityTx, account: Account, factor: str) -> None:
        """A factor of this name is gone."""
        self._tell(tx, account, "mail.factor_removed", factor=factor)

    def reset(self, tx: IdentityTx, account: Account) -> None:
        """An administrator has taken all factors away."""
        self._tell(tx, account, "mail.factors_reset")

    def code_used(self, tx: IdentityTx, account: Account, left: int) -> None:
        """A recovery code was used, and so many are left."""
        self._tell(tx, account, "mail.recovery_code_used", left=left)

    def _tell(self, tx: IdentityTx, account: Account, kind: str, **values: object) -> None:
        words = words_for(account.locale)
        text = words(
            kind,
            name=account.name,
            email=account.email,
            organisation=account.tenant_name,
            link=self._link,
            **values,
        )
        mail = Mail(account.email, words(f"{kind}_subject"), text)
        tx.once_committed(partial(self._mailer.send, mail))
