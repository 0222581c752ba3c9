"""Every table of sales that names a person, and what goes of it when the person is erased.

Contacts decides who is who; `chassis.storage.following` has the tables follow.
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.storage.following import NamingTable
from sales.people.named import PEOPLE

FORGET_ACTIVITY = (
    "subject = 'Erased', description = '', note = CASE WHEN note IS NULL THEN NULL ELSE '' END"
)
"""What goes of an activity when whom it was about is erased."""
FORGET_REQUEST = (
    "subject = 'Erased', answers = (SELECT coalesce(json_object_agg(a.key, CASE"
    " WHEN json_typeof(a.value) = 'string' AND NOT EXISTS (SELECT FROM approval_types k,"
    " json_array_elements(k.fields) f WHERE k.tenant_id = c.tenant_id AND k.id = c.approval_type_id"
    " AND f->>'key' = a.key AND f->>'kind' <> 'text') THEN to_json(''::text) ELSE a.value END), '{}')"
    " FROM json_each(c.answers) a), history = (SELECT coalesce(json_agg(jsonb_set(h.entry::jsonb,"
    " '{comment}', to_jsonb(''::text)) ORDER BY h.place), '[]')"
    " FROM json_array_elements(c.history) WITH ORDINALITY h (entry, place))"
)
"""What goes of a request for approval about such an opportunity: all that somebody has written freely."""
FOLLOWING: Sequence[NamingTable] = (
    PEOPLE.named_by("orders"),
    # Of a consumer's opportunity the name may be the consumer's own.
    PEOPLE.named_by(
        "opportunities",
        # What colleagues said and shared about it may tell of the person.
        first_gone=(
            "comment_wordings.opportunity_id",
            "comments.opportunity_id",
            "shared_documents.opportunity_id",
        ),
        first_blanked=(
            # What was planned before the opportunity named the person names nobody.
            ("activities.opportunity_id", FORGET_ACTIVITY),
            ("approval_requests.opportunity_id", FORGET_REQUEST),
        ),
        # A loss without words is told apart from one whose words are gone.
        forget="description = '', next_step = '', competitors = '[]',"
        " loss_note = CASE WHEN loss_note IS NULL THEN NULL ELSE '' END,"
        " lost_to = CASE WHEN lost_to IS NULL THEN NULL ELSE '' END,"
        " name = CASE WHEN company_id IS NULL THEN 'Erased' ELSE name END",
    ),
    PEOPLE.named_by("involvements", drop=True),
    PEOPLE.named_by(
        "leads",
        first_gone=("lead_terms.lead_id", "lead_external_ids.lead_id", "lead_assessments.lead_id"),
        first_blanked=(("activities.lead_id", FORGET_ACTIVITY),),
        forget="given_name = 'Erased', family_name = '', email = '', phone = '',"
        " company_name = '', job_title = '', postal_code = '', description = '',"
        " external_ids = '[]', decision_note = '',"
        # As `Lead.erase` has it: nobody is left to be called, so nothing is left to do.
        " archived_at = CASE WHEN state = 'open' THEN %(now)s ELSE archived_at END,"
        " state = CASE WHEN state = 'open' THEN 'archived' ELSE state END,"
        " erased_at = %(now)s, updated_at = %(now)s",
    ),
    PEOPLE.named_by("customer_group_members", drop=True),
    PEOPLE.named_by(
        "quotes", forget="conditions = '', answer = '', addressee = NULL, accepted_by = ''"
    ),
    PEOPLE.named_by("quote_versions", forget="conditions = '', addressee = NULL", versioned=False),
    PEOPLE.named_by(
        "subscriptions",
        forget="cancel_note = CASE WHEN cancel_note IS NULL THEN NULL ELSE '' END,"
        " name = CASE WHEN company_id IS NULL THEN 'Erased' ELSE name END",
    ),
    PEOPLE.named_by("activities", forget=FORGET_ACTIVITY),
)
"""Every table that names a person; a test looks into the database for one that is missing here."""
