"""Whatever identity answers is declared: with a permission, or with the reason why it is public."""

from __future__ import annotations

from chassis.http.routes import PUBLIC

from .provider import Provider

# What the platform asks of every service; the gateway routes none of it.
OPERATIONS = frozenset({"/healthz", "/readyz", "/readyz/<role>", "/metrics", "/openapi.json"})


def test_every_path_has_a_permission_or_a_reason(provider: Provider) -> None:
    face = provider.service.http
    declared = {(route.method, route.path) for route in face.routes}
    declared |= {(method, page.path) for page in face.pages for method in page.methods}
    served = {
        (method, str(rule))
        for rule in face.app.url_map.iter_rules()
        if str(rule) not in OPERATIONS
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == declared
    assert all(page.public_because for page in face.pages)
    assert [route.path for route in face.routes if route.permission == PUBLIC] == []


def test_pages_are_where_the_gateway_looks_for_them(provider: Provider) -> None:
    for page in provider.service.http.pages:
        assert page.path.startswith(("/oauth/", "/.well-known/", "/p/identity/"))
