"""What answers to a web form say of a lead; they come as texts, however they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from chassis.domain import Invalid
from chassis.http.body import validate
from sales.leads.domain import LeadDetails
from sales.leads.models import LeadFields, details_in
from sales.web_forms.domain import FormFieldName, WebForm


def details_of(form: WebForm, answers: Mapping[str, str], language: str) -> LeadDetails:
    """What the answers say of a lead. Raises `Invalid` that names each wrong one."""
    asked = {one.name.value for one in form.definition.fields}
    given: dict[str, Any] = {k: v.strip() for k, v in answers.items() if k in asked and v.strip()}
    size = given.get(FormFieldName.COMPANY_SIZE)
    if size is not None:
        if not (size.isascii() and size.isdigit() and len(size) < 10):
            raise Invalid.at("/company_size", "not_a_number", "This has to be a whole number.")
        given[FormFieldName.COMPANY_SIZE] = int(size)
    given["language"] = language
    return details_in(validate(LeadFields, orjson.dumps(given)))
