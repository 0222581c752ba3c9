"""Rules find views as Werkzeug's do, and still build addresses for whoever asks."""

from __future__ import annotations

from flask import Flask, url_for

from chassis.http.rules import FindingRule


def test_a_view_is_found_and_its_address_is_built() -> None:
    app = Flask("example", static_folder=None)
    app.url_rule_class = FindingRule
    app.add_url_rule("/people/<uuid:id_>/<name>", "person", lambda id_, name: f"{name} {id_}")
    number = "0192aaaa-0000-7000-8000-000000000000"
    assert app.test_client().get(f"/people/{number}/ming").text == f"ming {number}"
    with app.test_request_context():
        for _ in range(2):
            address = url_for("person", id_=number, name="a b", page=2)
            assert address == f"/people/{number}/a%20b?page=2"
