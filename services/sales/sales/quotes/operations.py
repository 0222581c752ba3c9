"""What users, approvers and time do to quotes; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict, Invalid, Money, NotFound
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.approval_requests.leadership import manager_of
from sales.exchange_rates.operations import value_in_base
from sales.letterheads.storage import newest_letterhead
from sales.order_lines.domain import NewLine
from sales.orders.domain import OrderTerms
from sales.orders.operations import place_order
from sales.people.named import current_or_none
from sales.quote_approvals.domain import ApprovalRule
from sales.quote_offers.domain import QuoteTerms
from sales.quotes.domain import Quote, QuoteStatus
from sales.quotes.offering import offer_of, require_sellable
from sales.quotes.recipients import Recipient
from sales.transaction import SalesTx

QUOTE_EXPIRY = "quote_expiry"


def draft_quote(tx: SalesTx, terms: QuoteTerms) -> Quote:
    """Begin a quote; it is the caller's own unless the terms name an owner.

    Raises `Invalid` for a configuration that breaks rules, `Conflict` without a price for all.
    """
    now = tx.clock.now()
    terms = _about(tx, replace(terms, owner_id=terms.owner_id or tx.caller.user_id))
    quote = Quote(
        id=tx.ids.new(),
        number="",
        terms=terms,
        offer=offer_of(tx, terms),
        status=QuoteStatus.DRAFT,
        created_at=now,
        updated_at=now,
    )
    quote.base_total = _worth(tx, quote.total)
    # Others who begin a quote wait for this number until the commit.
    quote.number = tx.quotes.next_number(now.year)
    quote.draft(now)
    tx.quotes.add(quote)
    return quote


def change_quote(tx: SalesTx, quote_id: UUID, change: Callable[[QuoteTerms], QuoteTerms]) -> Quote:
    """Offer something else, at the prices of today. Raises `NotFound`, `Invalid`, `Conflict`."""
    quote = tx.quotes.get(quote_id)
    terms = _about(tx, change(quote.terms))
    offer = offer_of(tx, terms)
    base_total = _worth(tx, offer.total(terms.currency))
    quote.change(terms, offer, base_total, tx.clock.now())
    cancel_timer(tx, QUOTE_EXPIRY, str(quote_id))
    return quote


def submit_quote(tx: SalesTx, quote_id: UUID) -> Quote:
    """Ask for the approvals that a quote's discounts need.

    Raises `NotFound`, `Conflict`, also for configurations that break rules by now, and when there is
    nobody who could approve.
    """
    quote = tx.quotes.get(quote_id)
    # First: whoever removes a rule waits for quotes in approval, and this would wait for the rule.
    quote.require_submittable()
    require_sellable(tx, quote.terms)
    rules = _called_for(tx, quote)
    quote.submit(rules, tx.caller.user_id, manager_of(tx), tx.clock.now())
    return quote


def approve_quote(tx: SalesTx, quote_id: UUID) -> Quote:
    """Take the next step of approval. Raises `NotFound`, `Conflict`, `Forbidden`."""
    quote, caller = tx.quotes.for_approver(quote_id), tx.caller
    quote.approve(caller.user_id, caller.role_ids or (), tx.clock.now())
    return quote


def drop_steps(tx: SalesTx, approval_rule_id: UUID) -> None:
    """Have quotes wait no more for what a rule asked for that is about to go, whose ever they are.

    The rule has to be locked: then no quote is submitted for it meanwhile.
    """
    for quote in tx.quotes.waiting_for(approval_rule_id):
        quote.drop_step(approval_rule_id, tx.clock.now())


def refuse_quote(tx: SalesTx, quote_id: UUID, reason: str) -> Quote:
    """Send a quote back to its author. Raises `NotFound`, `Conflict`, `Forbidden`."""
    quote, caller = tx.quotes.for_approver(quote_id), tx.caller
    quote.refuse(caller.user_id, caller.role_ids or (), reason, tx.clock.now())
    return quote


def send_quote(tx: SalesTx, quote_id: UUID, recipient: Recipient | None = None) -> Quote:
    """Note that a quote went to the customer, keep it as it is, and have it expire in time.

    `recipient` is what is known of the person. Raises `NotFound`, `Conflict` unless it is approved by
    all rules that hold now, and for configurations that break rules by now.
    """
    quote, letterhead = tx.quotes.get(quote_id), newest_letterhead(tx)
    # It may be for somebody else than when contacts was asked.
    terms = quote.terms
    asked_about = None if recipient is None else (recipient.person_id, recipient.company_id)
    if recipient is not None and asked_about == (terms.person_id, terms.company_id):
        quote.terms = terms.known_as(recipient.name, recipient.company, recipient.language)
    quote.require_approved()
    require_sellable(tx, quote.terms)
    quote.send(_called_for(tx, quote), tx.clock.now())
    tx.quotes.keep_version(tx.ids.new(), quote, letterhead[0])
    set_timer(tx, QUOTE_EXPIRY, str(quote_id), quote.expires_at)
    return quote


def ask_for_mail(tx: SalesTx, quote: Quote, link: str) -> None:
    """Have notifications mail the link of what was sent. Raises `Conflict`."""
    _, letterhead = newest_letterhead(tx)
    seller = {} if letterhead is None else letterhead.name
    quote.ask_for_mail(tx.ids.new(), link, seller, tx.clock.now())


def accept_quote(tx: SalesTx, quote_id: UUID, by: str = "") -> Quote:
    """Order what a quote offers; a second time changes nothing. Raises `NotFound`, `Conflict`.

    `by` is the name that whoever accepts it has given.
    """
    quote = tx.quotes.get(quote_id)
    if quote.status is QuoteStatus.ACCEPTED:
        return quote
    quote.require_answerable(tx.clock.now())
    quote.accept(_order(tx, quote), by, tx.clock.now())
    cancel_timer(tx, QUOTE_EXPIRY, str(quote_id))
    return quote


def reject_quote(tx: SalesTx, quote_id: UUID, reason: str) -> Quote:
    """Note that the customer does not want it. Raises `NotFound`, `Conflict`."""
    quote = tx.quotes.get(quote_id)
    quote.reject(reason, tx.clock.now())
    cancel_timer(tx, QUOTE_EXPIRY, str(quote_id))
    return quote


def quote_time_is_up(tx: SalesTx, timer: Timer) -> None:
    """Have a quote expire that nobody has answered."""
    for quote in tx.quotes.get_many([UUID(timer.key)]):
        quote.expire(tx.clock.now())


def _called_for(tx: SalesTx, quote: Quote) -> Sequence[ApprovalRule]:
    """The rules that the discounts of a quote exceed, the lowest limit first."""
    return tx.approval_rules.called_for(quote.offer.largest_discount(quote.terms.discount))


def _about(tx: SalesTx, terms: QuoteTerms) -> QuoteTerms:
    terms = replace(terms, person_id=current_or_none(tx, terms.person_id))
    if terms.opportunity_id is None:
        return terms
    try:
        about = tx.opportunities.get(terms.opportunity_id).details
    except NotFound as missing:
        raise Invalid.at("/opportunity_id", "opportunity_unknown", missing.message) from None
    return replace(
        terms,
        person_id=terms.person_id or about.person_id,
        company_id=terms.company_id or about.company_id,
    )


def _worth(tx: SalesTx, given: Money) -> Money | None:
    """What money is worth in the base currency today; None when nothing says so."""
    try:
        return value_in_base(tx, given).base
    except Conflict:
        return None


def _place_of_sale(tx: SalesTx, terms: QuoteTerms) -> tuple[str, str]:
    """The channel and branch that an order is of: as the quote says, or else its opportunity."""
    if terms.opportunity_id is None:
        return terms.channel, terms.branch
    # Whoever accepts, such as the customer, need not see the opportunity.
    channel, branch = tx.opportunities.place_of_sale(terms.opportunity_id)
    return terms.channel or channel, terms.branch or branch


def _order(tx: SalesTx, quote: Quote) -> UUID:
    terms = quote.terms
    channel, branch = _place_of_sale(tx, terms)
    lines = [
        NewLine(
            name=line.name.get("en") or next(iter(line.name.values())),
            terms=line.terms,
            product_id=line.product_id,
            sku=line.sku,
            category=line.category,
        )
        for line in quote.offer.lines
    ]
    order = place_order(
        tx,
        OrderTerms(
            currency=terms.currency,
            prices_include_tax=quote.offer.prices_include_tax,
            discount=Decimal(terms.discount),
            person_id=terms.person_id,
            company_id=terms.company_id,
            owner_id=terms.owner_id,
            channel=channel,
            branch=branch,
            quote_id=quote.id,
            opportunity_id=terms.opportunity_id,
        ),
        lines,
    )
    return order.id
