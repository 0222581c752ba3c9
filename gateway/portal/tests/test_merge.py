"""One document out of several."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.contract import qualify
from portal.merge import ContractClash, merge

from .documents import OAUTH, document, operation

INFO = {"title": "Rapport", "version": "1"}
URL = "https://crm.example.com"


def merged(**documents: Any) -> dict[str, Any]:
    return merge([qualify(name, one) for name, one in documents.items()], INFO, URL)


def test_the_merged_document_is_valid_openapi() -> None:
    result = merged(identity=document("identity"), contacts=document("contacts"))

    OpenAPIV31SpecValidator(result).validate()
    assert result["openapi"] == "3.1.1"


def test_the_merged_document_holds_what_every_service_says() -> None:
    result = merged(identity=document("identity"), contacts=document("contacts"))

    assert list(result["paths"]) == ["/v1/identity/things/{id}", "/v1/contacts/things/{id}"]
    assert set(result["components"]["schemas"]) == {
        "IdentityProblem",
        "IdentityThing",
        "ContactsProblem",
        "ContactsThing",
    }
    assert result["servers"] == [{"url": URL}]
    assert [tag["name"] for tag in result["tags"]] == ["identity: things", "contacts: things"]
    assert result["x-tagGroups"] == [
        {"name": "Rapport identity", "tags": ["identity: things"]},
        {"name": "Rapport contacts", "tags": ["contacts: things"]},
    ]


def test_a_tag_that_only_operations_name_is_listed_too() -> None:
    made = document("contacts")
    made["paths"]["/v1/contacts/jobs"] = {"get": operation("list_jobs", tag="jobs")}

    result = merged(contacts=made)

    assert [tag["name"] for tag in result["tags"]] == ["contacts: things", "contacts: jobs"]


def test_no_service_is_a_document_too() -> None:
    OpenAPIV31SpecValidator(merge([], INFO, URL)).validate()


def test_the_scopes_of_a_shared_security_scheme_add_up() -> None:
    def with_scopes(service: str, **scopes: str) -> dict[str, Any]:
        made = document(service)
        flow = OAUTH["flows"]["clientCredentials"] | {"scopes": scopes}
        made["components"]["securitySchemes"] = {
            "oauth2": {"type": "oauth2", "flows": {"clientCredentials": flow}}
        }
        return made

    result = merged(
        identity=with_scopes("identity", users="Users"),
        contacts=with_scopes("contacts", people="People"),
    )

    scheme = result["components"]["securitySchemes"]["oauth2"]
    assert scheme["flows"]["clientCredentials"]["scopes"] == {"users": "Users", "people": "People"}


def clashing_path(service: str, path: str) -> dict[str, Any]:
    made = document(service)
    made["paths"][path] = {"get": operation(f"{service}_shared")}
    return made


def test_a_path_of_two_services_is_a_clash_that_names_both() -> None:
    with pytest.raises(ContractClash) as clash:
        merged(
            identity=clashing_path("identity", "/v1/shared/{id}"),
            contacts=clashing_path("contacts", "/v1/shared/{name}"),
        )

    message = str(clash.value)
    assert "/v1/shared/{name} of contacts is /v1/shared/{id} of identity" in message


def test_an_operation_id_of_two_services_is_a_clash_that_names_both() -> None:
    theirs = document("contacts")
    theirs["paths"]["/v1/contacts/odd"] = {"get": operation("x_list")}
    ours = document("contacts-x")
    ours["paths"]["/v1/contacts-x/odd"] = {"get": operation("contacts_x_list")}
    documents = {"contacts": theirs, "contacts-x": ours}
    contracts = [qualify(name, one) for name, one in documents.items()]
    contracts[1].document["paths"]["/v1/contacts-x/odd"]["get"]["operationId"] = "contacts_x_list"

    with pytest.raises(
        ContractClash, match="contacts_x_list is declared by contacts and contacts-x"
    ):
        merge(contracts, INFO, URL)


def test_a_security_scheme_that_two_services_declare_differently_is_a_clash() -> None:
    ours = document("contacts")
    ours["components"]["securitySchemes"] = {"oauth2": {"type": "http", "scheme": "bearer"}}

    with pytest.raises(ContractClash, match=r"securitySchemes/oauth2 .* identity and by contacts"):
        merged(identity=document("identity"), contacts=ours)


def test_a_component_name_of_two_services_is_a_clash_that_names_both() -> None:
    ours = document("identity")
    ours["components"]["schemas"]["X"] = {"type": "object"}
    contracts = [qualify("identity", ours), qualify("contacts", document("contacts"))]
    contracts[1].document["components"]["schemas"]["IdentityX"] = {"type": "object"}

    with pytest.raises(ContractClash, match="IdentityX is declared by identity and by contacts"):
        merge(contracts, INFO, URL)


SERVICES = st.lists(
    st.sampled_from(["identity", "contacts", "sales", "desk", "loyalty", "notifications"]),
    unique=True,
    min_size=1,
)


@given(SERVICES)
def test_any_set_of_services_merges_into_a_valid_document_that_keeps_each_operation(
    names: list[str],
) -> None:
    result = merged(**{name: document(name) for name in names})

    OpenAPIV31SpecValidator(result).validate()
    ids = [item["get"]["operationId"] for item in result["paths"].values()]
    assert ids == [f"{name}_get_thing" for name in names]
