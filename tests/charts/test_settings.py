"""What a chart tells each process is exactly what the process reads: an unknown variable stops a service."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from click.testing import CliRunner

from chassis.command import ROLES, service_command
from chassis.settings import WrongSettings, load_settings
from deploy.tools.charts.settings import IN_A_CLUSTER, settings_class
from tests.architecture.sources import ROOT, service_names

from .cases import CASES, EVERYTHING_ON, SERVICE_CHARTS
from .environment import SECRETS, variables_of
from .rendering import Charts, Object, Rendered


def serving(rendered: Rendered) -> dict[str, Object]:
    """The container of each role."""
    return {
        one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"]["template"]["spec"][
            "containers"
        ][0]
        for one in rendered.of("Deployment")
    }


@pytest.mark.parametrize("name", SERVICE_CHARTS)
@pytest.mark.parametrize("case", CASES)
def test_every_role_is_given_settings_that_its_service_takes(
    charts: Charts, name: str, case: str
) -> None:
    rendered = charts.render(name, CASES[case])
    for role, container in serving(rendered).items():
        variables = variables_of(rendered, container, name)
        settings: Any = load_settings(settings_class(ROOT, name), variables)
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert settings.http_port == ports["http"], role
        assert settings.http_host == IN_A_CLUSTER["http_host"]


def test_a_variable_that_a_service_does_not_know_would_be_found(charts: Charts) -> None:
    rendered = charts.render("contacts")
    variables = variables_of(rendered, serving(rendered)["api"], "contacts")
    with pytest.raises(WrongSettings, match="RAPPORT_IDENTITY_PORT: unknown variable"):
        load_settings(
            settings_class(ROOT, "contacts"),
            variables | {"RAPPORT_IDENTITY_PORT": "tcp://10.0.0.1:8080"},
        )


def test_values_arrive_where_they_belong_and_the_roles_own_win(charts: Charts) -> None:
    rendered = charts.render(
        "notifications",
        {**EVERYTHING_ON, "roles": {"worker": {"settings": {"sending_threads": 8}}}},
    )
    containers = serving(rendered)
    kind = settings_class(ROOT, "notifications")
    api, worker = (
        load_settings(kind, variables_of(rendered, containers[role], "notifications"))
        for role in ("api", "worker")
    )
    given: dict[str, Any] = api.model_dump()
    assert given["drain_seconds"] == 25.5
    assert given["http_threads"] == 4, "roleDefaults.settings lies over settings"
    assert given["log_level"] == "WARNING"
    assert given["nats_url"] == "tls://nats.example:4222"
    assert given["public_url"] == "https://crm.example"
    assert given["otlp_endpoint"] == "https://collector.example:4317"
    assert given["contacts_grpc"] == "rapport-contacts-grpc:8081"
    assert given["mail_sender"] == "CRM <crm@crm.example>"
    assert (given["sending_threads"], worker.model_dump()["sending_threads"]) == (4, 8)


def test_large_whole_numbers_arrive_whole(charts: Charts) -> None:
    settings = {"import_max_bytes": 10 * 1024**3, "trace_sample_ratio": 0.05}
    data = charts.render("contacts", {"settings": settings}).named("ConfigMap", "rapport-contacts")
    assert data["data"]["RAPPORT_IMPORT_MAX_BYTES"] == "10737418240"
    assert data["data"]["RAPPORT_TRACE_SAMPLE_RATIO"] == "0.05"


@pytest.mark.parametrize("name", SERVICE_CHARTS)
def test_what_a_readme_says_of_settings_in_a_cluster_is_what_the_chart_gives(
    charts: Charts, name: str
) -> None:
    data = charts.render(name).named("ConfigMap", f"rapport-{name}")["data"]
    fields = settings_class(ROOT, name).model_fields
    for setting, value in IN_A_CLUSTER.items():
        assert data.get(f"RAPPORT_{setting.upper()}") == (value if setting in fields else None)


@pytest.mark.parametrize("name", service_names())
def test_what_comes_before_serving_gets_as_far_as_the_servers(charts: Charts, name: str) -> None:
    rendered = charts.render(
        name, {"database": {"create": True}, "nats": {"url": "nats://127.0.0.1:1"}}
    )
    description = importlib.import_module(f"{name}.description").DESCRIPTION
    seen = set()
    for _, container in rendered.containers():
        if container["name"] not in {"create-database", "prepare", "await-prepared"}:
            continue
        seen.add(container["name"])
        variables = variables_of(rendered, container, name)
        words = [word if not word.isdigit() else "0" for word in container["args"]]
        answer = CliRunner().invoke(service_command(description), words, env=variables)
        assert answer.exit_code == 1
        assert "127.0.0.1" in answer.output, "it was not told where its server is"
        assert "word@" not in answer.output
    assert seen == {"create-database", "prepare", "await-prepared"}


@pytest.mark.parametrize("name", service_names())
def test_roles_are_started_as_the_roles_that_the_chassis_knows(charts: Charts, name: str) -> None:
    for role, container in serving(charts.render(name)).items():
        assert container["args"] == ["serve", "--roles", role]
        assert role in ROLES


@pytest.mark.parametrize("name", SERVICE_CHARTS)
def test_secrets_come_by_reference_and_the_readme_says_how_to_make_them(
    charts: Charts, name: str
) -> None:
    rendered = charts.render(name, {"database": {"create": True}})
    readme = (ROOT / "helm" / name / "README.md").read_text()
    known = set(settings_class(ROOT, name).model_fields)
    for where, container in rendered.containers():
        for entry in container.get("env", ()):
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            if reference is None:
                continue
            assert reference["name"] in readme, where
            assert reference["key"] in readme, where
            assert not reference.get("optional"), "a secret that is missing is to stop the pod"
    settings = {name.removeprefix("RAPPORT_").lower() for name in secret_names(rendered)}
    assert settings - known <= {
        "database_owner_url",
        "database_admin_url",
        "provisioner_password",
    }


def secret_names(rendered: Rendered) -> set[str]:
    """The variables that come from secrets."""
    return {
        entry["name"]
        for _, container in rendered.containers()
        for entry in container.get("env", ())
        if "valueFrom" in entry
    }


@pytest.mark.parametrize("name", service_names())
def test_every_secret_setting_comes_from_a_secret(charts: Charts, name: str) -> None:
    fields = settings_class(ROOT, name).model_fields.items()
    secret = {
        f"RAPPORT_{setting.upper()}"
        for setting, field in fields
        if "SecretStr" in str(field.annotation)
    }
    rendered = charts.render(name)
    assert secret - secret_names(rendered) == set()
    data = rendered.named("ConfigMap", f"rapport-{name}")["data"]
    assert not set(data) & secret
    assert not set(SECRETS.values()) & set(data.values())
