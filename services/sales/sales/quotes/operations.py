"""What users, approvers and time do to quotes; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict, Invalid, Money, NotFound, Violation
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.exchange_rates.operations import value_in_base
from sales.letterheads.storage import newest_letterhead
from sales.order_lines.domain import NewLine
from sales.orders.domain import OrderTerms
from sales.orders.operations import place_order
from sales.people.following import current_or_none
from sales.price_books.configurations import Buyer, Choice, Configuration, check, price_for
from sales.price_books.pricing import Wanted
from sales.quote_offers.domain import Offer, QuoteItem, QuoteLine, QuoteTerms
from sales.quotes.domain import Quote, QuoteStatus
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
        offer=_offer(tx, terms),
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
    offer = _offer(tx, terms)
    base_total = _worth(tx, offer.total(terms.currency))
    quote.change(terms, offer, base_total, tx.clock.now())
    cancel_timer(tx, QUOTE_EXPIRY, str(quote_id))
    return quote


def submit_quote(tx: SalesTx, quote_id: UUID) -> Quote:
    """Ask for the approvals that a quote's discounts need. Raises `NotFound`, `Conflict`."""
    quote = tx.quotes.get(quote_id)
    # First: whoever removes a rule waits for quotes in approval, and this would wait for the rule.
    quote.require_submittable()
    rules = tx.approval_rules.called_for(quote.offer.largest_discount)
    quote.submit(rules, tx.caller.user_id, tx.clock.now())
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
    all rules that hold now.
    """
    quote, letterhead = tx.quotes.get(quote_id), newest_letterhead(tx)
    # It may be for somebody else than when contacts was asked.
    terms = quote.terms
    asked_about = None if recipient is None else (recipient.person_id, recipient.company_id)
    if recipient is not None and asked_about == (terms.person_id, terms.company_id):
        quote.terms = terms.known_as(recipient.name, recipient.company, recipient.language)
    quote.require_approved()
    quote.send(tx.approval_rules.called_for(quote.offer.largest_discount), tx.clock.now())
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


def _offer(tx: SalesTx, terms: QuoteTerms) -> Offer:
    wanted: list[Wanted] = []
    items: list[int] = []
    wrong: list[Violation] = []
    for place, item in enumerate(terms.items):
        checked = list(_checked(tx, place, item))
        wrong += [one for one in checked if isinstance(one, Violation)]
        parts = [one for one in checked if isinstance(one, Wanted)]
        wanted += parts
        items += [place] * len(parts)
    if wrong:
        raise Invalid("Such a configuration cannot be sold.", violations=tuple(wrong))
    on = tx.clock.now().date()
    buyer = Buyer(terms.currency, on, terms.person_id, terms.company_id)
    pricing = price_for(tx, wanted, buyer, terms.discount)
    lines = tuple(
        QuoteLine(
            item=place,
            option=one.wanted.option,
            product_id=one.wanted.product.id,
            sku=one.wanted.product.details.sku,
            name=one.wanted.product.details.name,
            category=one.wanted.product.details.category,
            terms=one.terms,
            amounts=one.amounts,
            steps=one.steps,
        )
        for place, one in zip(items, pricing.lines, strict=True)
    )
    return Offer(pricing.price_book_id, pricing.book.prices_include_tax, on, lines)


def _checked(tx: SalesTx, place: int, item: QuoteItem) -> Iterator[Wanted | Violation]:
    """The products of an item with its discount, or every rule that it breaks, in its words."""
    at = f"/items/{place}"
    choices = tuple(Choice(key, pieces) for key, pieces in item.choices)
    try:
        checked = check(tx, Configuration(item.product_id, item.quantity, choices))
    except Invalid as wrong:
        for one in wrong.violations:
            yield Violation(at + one.pointer, one.code, one.message)
        return
    for broken in checked.broken:
        words = broken.message.get("en") or next(iter(broken.message.values()))
        yield Violation(f"{at}/choices", broken.code, words)
    for wanted in checked.wanted:
        yield replace(wanted, discount_percent=item.discount_percent)


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
