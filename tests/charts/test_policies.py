"""What holds for every chart and every object, whatever the values: limits, probes, security, references that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from chassis.serving import kill_timeout

from .cases import CASES, EVERYTHING_OFF, SERVICE_CHARTS
from .rendering import Charts, Object, Rendered, labels_match

CREDENTIALS = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


@pytest.fixture(params=[(name, case) for name in SERVICE_CHARTS for case in CASES], ids=str)
def rendered(charts: Charts, request: pytest.FixtureRequest) -> Rendered:
    """Every service's chart, in every case."""
    name, case = request.param
    return charts.render(name, CASES[case])


def test_every_container_has_bounds_and_can_do_little(rendered: Rendered) -> None:
    for where, container in rendered.containers():
        assert container["resources"]["limits"].keys() == {"cpu", "memory"}, where
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, where
        assert container["securityContext"] == RESTRICTED, where
        assert re.fullmatch(r"\S+(:[\w.-]+|@sha256:\w{64})", container["image"]), where
        assert not container["image"].endswith(":latest"), where
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"], where  # noqa: S108


def test_every_process_that_serves_is_probed_in_three_ways(rendered: Rendered) -> None:
    for one in rendered.of("Deployment"):
        for container in one["spec"]["template"]["spec"]["containers"]:
            probes = [container[probe] for probe in PROBES]
            assert len({str(probe) for probe in probes}) == len(PROBES)
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"].startswith("/readyz")
            assert container["lifecycle"]["preStop"]["sleep"]["seconds"] > 0


def test_every_pod_is_restricted_and_knows_nothing_of_the_cluster(rendered: Rendered) -> None:
    accounts = {one["metadata"]["name"]: one for one in rendered.of("ServiceAccount")}
    for where, pod in rendered.pods():
        spec = pod["spec"]
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True, where
        assert security["runAsUser"] > 0, where
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, where
        assert spec["automountServiceAccountToken"] is False, where
        assert accounts[spec["serviceAccountName"]]["automountServiceAccountToken"] is False, where
        assert spec["enableServiceLinks"] is False, f"{where}: see common/templates/_pod.tpl"
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), where
        assert all("hostPath" not in volume for volume in spec["volumes"]), where


def test_no_secret_is_in_an_object(rendered: Rendered) -> None:
    assert rendered.of("Secret") == []
    assert not CREDENTIALS.search(rendered.text)
    for _, container in rendered.containers():
        for entry in container.get("env", ()):
            if re.search(r"PASSWORD|SECRET|TOKEN|DATABASE", entry["name"]):
                assert "secretKeyRef" in entry["valueFrom"]


def test_what_selects_pods_selects_those_of_one_part(rendered: Rendered) -> None:
    pods = {where: pod["metadata"]["labels"] for where, pod in rendered.pods()}
    for where, selector in selectors(rendered):
        assert len([one for one in pods.values() if labels_match(selector, one)]) == 1, where


def selectors(rendered: Rendered) -> Iterator[tuple[str, Object]]:
    """How deployments, budgets and Services find their pods."""
    for one in rendered.of("Deployment", "PodDisruptionBudget", "Service"):
        own = one["spec"]["selector"]
        where = f"{one['kind']}/{one['metadata']['name']}"
        yield where, {"matchLabels": own} if one["kind"] == "Service" else own


def test_scaling_and_rolling_never_leave_nobody(rendered: Rendered) -> None:
    deployments = {one["metadata"]["name"]: one for one in rendered.of("Deployment")}
    for one in deployments.values():
        assert one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    scaled = rendered.of("HorizontalPodAutoscaler", "ScaledObject")
    for one in scaled:
        assert "replicas" not in deployments[one["spec"]["scaleTargetRef"]["name"]]["spec"]
    names = [one["spec"]["scaleTargetRef"]["name"] for one in scaled]
    assert len(names) == len(set(names)), "two would scale against each other"


@pytest.mark.parametrize("drain", [0, 0.5, 10, 90])
@pytest.mark.parametrize("name", SERVICE_CHARTS)
def test_a_pod_has_more_time_to_end_than_its_process_takes(
    charts: Charts, name: str, drain: float
) -> None:
    rendered = charts.render(name, {"drainSeconds": drain, "preStopSeconds": 7})
    for one in rendered.of("Deployment"):
        spec = one["spec"]["template"]["spec"]
        pause = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pause == 7
        assert spec["terminationGracePeriodSeconds"] > pause + drain + kill_timeout(0)
        assert spec["terminationGracePeriodSeconds"] > pause + kill_timeout(drain)


def test_a_changed_setting_rolls_the_pods_and_an_unchanged_one_does_not(charts: Charts) -> None:
    def checksums(values: dict[str, object]) -> set[str]:
        rendered = charts.render("contacts", values)
        return {
            pod["metadata"]["annotations"]["checksum/config"]
            for where, pod in rendered.pods()
            if "Deployment" in where
        }

    assert checksums({}) == checksums({"serviceAccount": {"annotations": {"a": "b"}}})
    assert checksums({}).isdisjoint(checksums({"settings": {"http_threads": 9}}))


def test_hooks_come_before_everything_and_their_account_before_the_job(charts: Charts) -> None:
    rendered = charts.render("contacts")
    hooks = {
        f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["annotations"]
        for one in rendered.objects
        if "helm.sh/hook" in one["metadata"].get("annotations", {})
    }
    weights = {name: int(own["helm.sh/hook-weight"]) for name, own in hooks.items()}
    assert weights == {
        "ServiceAccount/rapport-contacts-prepare": -10,
        "NetworkPolicy/rapport-contacts-prepare": -10,
        "Job/rapport-contacts-prepare": 0,
    }
    for own in hooks.values():
        assert own["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert own["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
    job = rendered.named("Job", "rapport-contacts-prepare")
    # Nothing that is not a hook is there yet when it runs.
    spec = job["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == "rapport-contacts-prepare"
    assert all("envFrom" not in one for one in spec["containers"])
    assert job["spec"]["backoffLimit"] <= 3


def test_without_hooks_the_job_has_a_name_of_its_own_for_each_version(charts: Charts) -> None:
    def job(tag: str) -> str:
        rendered = charts.render("contacts", {"prepare": {"hooks": ""}, "image": {"tag": tag}})
        assert "helm.sh/hook" not in rendered.text
        return str(rendered.of("Job")[0]["metadata"]["name"])

    assert job("1.0.0") == job("1.0.0") != job("1.0.1")


def test_what_is_off_is_not_there(charts: Charts) -> None:
    rendered = charts.render("notifications", EVERYTHING_OFF)
    kinds = {one["kind"] for one in rendered.objects}
    assert kinds == {"ServiceAccount", "ConfigMap", "Deployment", "Service"}
    assert {one["spec"]["replicas"] for one in rendered.of("Deployment")} == {0}
    one_role = charts.render("notifications", {"roles": {"stream": {"enabled": False}}})
    assert "stream" not in {
        one["metadata"]["labels"].get("app.kubernetes.io/component")
        for one in one_role.of("Deployment")
    }
