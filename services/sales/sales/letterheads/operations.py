"""What administrators do to the letterhead."""

from __future__ import annotations

from sales.letterheads.domain import Letterhead, LetterheadContent
from sales.transaction import SalesTx


def change_letterhead(tx: SalesTx, content: LetterheadContent) -> Letterhead:
    """Have quotes that are sent from now on say this of the seller."""
    letterhead = tx.letterheads.of_tenant()
    letterhead.change(content)
    return letterhead
