"""Every service's chart: it stays small, is linted and rendered by Helm, and makes objects that Kubernetes takes."""

from __future__ import annotations

from typing import Any

import helm_python
import pytest
import yaml

from deploy.tools.charts.__main__ import written
from deploy.tools.charts.layout import INCLUDE, ServiceChart, service_charts
from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT, service_names

from .cases import CASES, SERVICE_CHARTS
from .rendering import Charts
from .validation import OLDEST, problems_of, wrong

MOST_LINES = 80
# 1 is that a chart has no icon.
WARNING = 2


def test_every_service_and_the_portal_have_a_chart() -> None:
    assert sorted(SERVICE_CHARTS) == sorted([*service_names(), "portal"])


@pytest.mark.parametrize("chart", service_charts(ROOT), ids=lambda chart: chart.name)
class TestThinness:
    """What a service's chart consists of."""

    def test_a_chart_is_one_include_and_few_values(self, chart: ServiceChart) -> None:
        templates = [path.read_text() for path in (chart.folder / "templates").iterdir()]
        assert templates == [f"{INCLUDE}\n"]
        assert len((chart.folder / "values.yaml").read_text().splitlines()) < MOST_LINES

    def test_the_version_of_the_image_is_that_of_the_service(self, chart: ServiceChart) -> None:
        about = yaml.safe_load((chart.folder / "Chart.yaml").read_text())
        folder = "gateway" if chart.name == "portal" else "services"
        project = (ROOT / folder / chart.name / "pyproject.toml").read_text()
        assert f'version = "{about["appVersion"]}"' in project
        assert about["kubeVersion"] == f">={OLDEST.removesuffix('.0')}.0-0"

    def test_what_follows_from_the_code_is_fresh(self, chart: ServiceChart) -> None:
        for path, text in written(chart).items():
            assert path.read_text() == text, "make charts writes it anew"

    def test_the_readme_names_every_value(self, chart: ServiceChart) -> None:
        readme = (chart.folder / "README.md").read_text()
        assert [name for name in leaves(chart.all_values) if f"| `{name}` |" not in readme] == []


def leaves(values: dict[str, Any], above: str = "") -> list[str]:
    """The path of every value, down to what is said at once: resources, lists, what is empty."""
    found: list[str] = []
    for key, value in values.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and value and key != "resources":
            found += leaves(value, f"{path}.")
        else:
            found.append(path)
    return found


@pytest.mark.parametrize("name", SERVICE_CHARTS)
def test_helm_finds_nothing_wrong_with_a_chart(charts: Charts, name: str) -> None:
    report = helm_python.lint(charts.folder / name, {}, strict=True, kube_version=f"v{OLDEST}")
    assert [one for one in report["messages"] if one["severity"] >= WARNING] == []


@pytest.mark.parametrize("name", SERVICE_CHARTS)
@pytest.mark.parametrize("case", CASES)
def test_kubernetes_takes_every_object(charts: Charts, name: str, case: str) -> None:
    rendered = charts.render(name, CASES[case])
    assert rendered.of("Deployment")
    assert wrong(rendered) == []


def test_an_object_that_kubernetes_does_not_take_is_found() -> None:
    wrong_field = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dta": {}}
    unknown = {"apiVersion": "v1", "kind": "Confusion", "metadata": {"name": "x"}}
    assert "'dta' was unexpected" in problems_of(wrong_field, OLDEST)[0]
    assert problems_of(unknown, OLDEST) == ["there is no v1/Confusion"]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_chart_says_of_its_service_what_the_local_platform_says(service: Any) -> None:
    values = ServiceChart(ROOT, service.name).all_values
    assert tuple(values["asks"]) == service.asks
    assert set(values["consumes"]) == set(service.consumes)
    own = {name.replace("_", "-") for name in service.secrets}
    assert set(values["secretKeys"]) - {"service-clients"} == own
    assert ("service-clients" in values["secretKeys"]) == service.knows_clients
    assert values["sendsMail"] == service.sends_mail
    assert values["callsOutside"] == service.calls_outside
    assert ("stream" in values["roles"]) == service.streams
    assert ("jobs" in values["roles"]) == service.jobs


def test_the_portal_shows_the_documents_of_every_service() -> None:
    assert sorted(ServiceChart(ROOT, "portal").all_values["documents"]) == service_names()
