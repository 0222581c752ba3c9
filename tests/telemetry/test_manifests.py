"""Rules and dashboards as objects of a cluster."""

from __future__ import annotations

import yaml

from deploy.observability.__main__ import made
from deploy.observability.manifests import manifests

OBJECTS = list(manifests(made("https://runbooks.example"), {"release": "prometheus"}))


def test_every_file_becomes_one_object_of_a_name_of_its_own() -> None:
    names = {(one["kind"], one["metadata"]["name"]) for one in OBJECTS}
    assert len(names) == len(OBJECTS) == len(made())


def test_rules_carry_what_the_operator_selects_them_by() -> None:
    rules = [one for one in OBJECTS if one["kind"] == "PrometheusRule"]
    assert len(rules) == 2
    assert all(one["metadata"]["labels"]["release"] == "prometheus" for one in rules)
    assert all(one["spec"]["groups"] for one in rules)


def test_dashboards_are_found_by_the_sidecar_and_fit_into_a_config_map() -> None:
    boards = [one for one in OBJECTS if one["kind"] == "ConfigMap"]
    assert len(boards) == 5
    assert all(one["metadata"]["labels"]["grafana_dashboard"] == "1" for one in boards)
    assert all(len(yaml.dump(one)) < 1_000_000 for one in boards)


def test_alerts_lead_to_where_the_operator_keeps_runbooks() -> None:
    addresses = {
        rule["annotations"]["runbook_url"]
        for one in OBJECTS
        if one["kind"] == "PrometheusRule"
        for group in one["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert addresses
    assert all(address.startswith("https://runbooks.example/") for address in addresses)
