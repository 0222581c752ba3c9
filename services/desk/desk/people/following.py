"""Every table of desk that names a person, and what goes of it when the person is erased.

Contacts decides who is who; `chassis.storage.following` has the tables follow. Tickets of an erased
person stay for their numbers and times, without a word of what was said.
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.storage.following import NamingTable
from desk.people.named import PEOPLE

FORGET_MESSAGE = (
    "text = '', html = '', sender_name = '', sender_address = '', person_id = NULL,"
    " external_id = NULL, attachment_ids = '{}'"
)
"""What goes of a message when the customer whom it was about is erased."""
FORGET_MAIL = (
    "sender = '', sender_name = '', reply_to = '', subject = '', header_id = '',"
    " left_out = '[]', raw_to_go = true"
)
"""What goes of a mail that a customer has sent; the mail as it came goes shortly after."""
FOLLOWING: Sequence[NamingTable] = (
    PEOPLE.named_by(
        "tickets",
        first_gone=(
            "ticket_terms.ticket_id",
            "mail_references.ticket_id",
            "ticket_values.ticket_id",
            "ticket_external_ids.ticket_id",
            "ticket_followers.ticket_id",
            "requester_questions.ticket_id",
            # Why a promise was moved is in the words of whoever moved it.
            "promise_moves.ticket_id",
        ),
        first_blanked=(
            ("messages.ticket_id", FORGET_MESSAGE),
            # Of a ticket that went into another one, or was split, as well.
            ("messages.origin_ticket_id", FORGET_MESSAGE),
            ("inbound_mails.ticket_id", FORGET_MAIL),
            ("outbound_mails.ticket_id", "address = '', reason = ''"),
            ("ticket_changes.ticket_id", "texts = '{}'"),
            ("promises.ticket_id", "note = ''"),
            # Of a ticket that went into another one, as well.
            ("promises.origin_ticket_id", "note = ''"),
            ("complaints.ticket_id", "remedy_text = '', withdrawn_reason = ''"),
        ),
        forget="subject = 'Erased', requester_address = '', custom_fields = '{}',"
        " external_ids = '[]', updated_at = %(now)s",
    ),
    PEOPLE.named_by("ticket_followers", drop=True),
    # What somebody has said to a ticket that is not their own.
    PEOPLE.named_by(
        "messages",
        forget="text = '', html = '', sender_name = '', sender_address = '', external_id = NULL,"
        " attachment_ids = '{}'",
    ),
    PEOPLE.named_by("outbound_mails", forget="address = '', reason = ''"),
    PEOPLE.named_by("survey_requests", forget="address = '', comment = ''"),
    # What somebody owned stays for its warranty and its orders.
    PEOPLE.named_by("assets", forget="notes = '', updated_at = %(now)s"),
    PEOPLE.named_by("asset_movements", versioned=False),
    PEOPLE.named_by("entitlements", forget="updated_at = %(now)s"),
    PEOPLE.named_by("service_subscriptions", versioned=False),
    PEOPLE.named_by("asset_registrations", forget="order_number = '', decision_reason = ''"),
)
"""Every table that names a person; a test looks into the database for one that is missing here."""
