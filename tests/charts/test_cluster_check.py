"""`make cluster-check` has the cluster judge every object of the release, with kubectl itself, and changes nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from helm_python import HelmError

from deploy.tools.cluster_check.__main__ import main
from deploy.tools.cluster_check.dry_run import Verdict, verdicts
from deploy.tools.cluster_check.installation import Installation
from deploy.tools.cluster_check.kubectl import ClusterRefuses, Kubectl
from rapport_local.services import SERVICES

from .api_server import ApiServer, api_server
from .cases import EVERYTHING_ON
from .rendering import Charts


@pytest.fixture
def cluster() -> Iterator[ApiServer]:
    """What stands in for a cluster."""
    with api_server() as server:
        yield server


def test_every_object_of_the_evaluation_is_applied_in_a_dry_run_and_nothing_else(
    cluster: ApiServer, charts: Charts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "values.yaml"
    off = {one.name: {"enabled": False} for one in SERVICES if one.name != "identity"}
    lists = {"gateway": {"services": ["identity"]}, "portal": {"documents": ["identity"]}}
    values.write_text(yaml.safe_dump(off | lists), encoding="utf-8")
    config = str(cluster.kubeconfig(tmp_path))
    code = main(["--kubeconfig", config, "--values", str(values), "--namespace", "crm"])
    said = capsys.readouterr().out
    assert code == 0, said
    expected = charts.render("rapport", off | lists).objects
    applied = {(one["kind"], one["metadata"]["name"]) for _, one in cluster.applied}
    assert applied == {(one["kind"], one["metadata"]["name"]) for one in expected}
    assert {name for _, name in applied} >= {"rapport-identity-api", "rapport-gateway"}
    for query, _ in cluster.applied:
        assert query["dryRun"] == ["All"]
        assert query["fieldValidation"] == ["Strict"]
    assert cluster.others == []
    assert f"{len(expected)} objects, 0 of them refused" in said


def test_what_the_cluster_does_not_take_is_said_with_its_reason(
    cluster: ApiServer, charts: Charts, tmp_path: Path
) -> None:
    kubectl = Kubectl(cluster.kubeconfig(tmp_path), "crm")
    rendered = charts.render("sales", EVERYTHING_ON)
    wrong = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dta": {}}
    some = [
        rendered.named("ConfigMap", "rapport-sales"),
        wrong,
        # A cluster without KEDA.
        rendered.named("ScaledObject", "rapport-sales-worker"),
    ]
    taken, refused, unknown = verdicts(kubectl, some)
    assert taken == Verdict("ConfigMap/rapport-sales", None)
    assert "'dta' was unexpected" in str(refused.refused)
    assert "could not find the requested resource" in str(unknown.refused)


def test_a_refusal_makes_the_command_fail(
    cluster: ApiServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "values.yaml"
    left_out = {one.name for one in SERVICES} - {"identity"} | {"portal", "gateway"}
    off = {name: {"enabled": False} for name in sorted(left_out)}
    monitored = {"identity": {"telemetry": {"podMonitor": {"enabled": True}}}}
    values.write_text(yaml.safe_dump(off | monitored), encoding="utf-8")
    config = str(cluster.kubeconfig(tmp_path))
    assert main(["--kubeconfig", config, "--values", str(values), "--install"]) == 1
    said = capsys.readouterr().out
    assert "refused   PodMonitor/rapport-identity" in said
    assert "1 of them refused" in said
    assert cluster.others == [], "it is not installed then"


def test_an_installation_that_fails_says_why_and_leaves_no_namespace_behind(
    cluster: ApiServer, charts: Charts, tmp_path: Path
) -> None:
    said: list[str] = []
    kubectl = Kubectl(cluster.kubeconfig(tmp_path), "rapport-check")
    installation = Installation(
        charts.folder / "rapport", {}, ["contacts"], "rapport", kubectl, said.append
    )
    with pytest.raises(HelmError, match="nothing is changed here"):
        installation.check()
    assert cluster.others[0] == "POST /api/v1/namespaces"
    assert cluster.others[-1] == "DELETE /api/v1/namespaces/rapport-check"
    assert said[-1].startswith(("uninstalled", "not uninstalled, but its namespace goes"))


def test_a_cluster_that_does_not_answer_is_named_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ApiServer("http://127.0.0.1:1").kubeconfig(tmp_path)
    assert main(["--kubeconfig", str(config)]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("cluster-check: kubectl version: ")
    assert "127.0.0.1:1" in said.err
    assert said.out == ""
    nobody = Kubectl(config, "crm")
    with pytest.raises(ClusterRefuses, match=r"kubectl get pods: .*127\.0\.0\.1:1"):
        nobody.run("get", "pods")
    with (
        pytest.raises(ClusterRefuses, match="port-forward service/x"),
        nobody.forwarded("service/x", 1234, "web"),
    ):
        pass
