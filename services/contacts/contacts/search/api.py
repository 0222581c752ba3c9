"""Search over REST."""

from __future__ import annotations

from chassis.http.call import Call
from chassis.http.problem import HttpProblem
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.scope import Scope
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.custom_fields.domain import RecordKind
from contacts.people.queries import READ as READ_PEOPLE
from contacts.search import queries
from contacts.search.models import FoundRecordsOut, SearchQuery
from contacts.transaction import ContactsTx

search_routes = Routes("/v1/contacts/search", tag="search")

_PERMISSIONS = {RecordKind.PERSON: READ_PEOPLE, RecordKind.COMPANY: READ_COMPANIES}


@search_routes.get("", permission=SIGNED_IN, query=SearchQuery, returns=FoundRecordsOut)
def search_contacts(call: Call[ContactsTx], query: SearchQuery) -> Reply:
    """Find people and companies as you type: by names, e-mail addresses and phones.

    Words may be unfinished and in any order, Chinese, Japanese and Korean without blanks, numbers
    as dialled at home or by their last digits. Where nothing is found, slips of the pen are
    forgiven. It needs the permission to read people or companies, and finds what that lets see;
    what is archived is not found.
    """
    scopes = {
        kind: Scope.under(call.caller, permission)
        for kind, permission in _PERMISSIONS.items()
        if query.type in (None, kind) and call.caller.reach(permission) is not None
    }
    if not scopes:
        wanted = [p for kind, p in _PERMISSIONS.items() if query.type in (None, kind)]
        raise HttpProblem(
            403, "permission_missing", f"This needs the permission {' or '.join(wanted)}."
        )
    return Reply({"items": call.read(queries.search, query.q, scopes, query.page_size)})
