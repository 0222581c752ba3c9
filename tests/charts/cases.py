"""The values with which charts are rendered: defaults, and the edges of what they offer."""

from __future__ import annotations

from typing import Any

from deploy.tools.charts.layout import service_charts
from tests.architecture.sources import ROOT

SERVICE_CHARTS = [chart.name for chart in service_charts(ROOT)]

EVERYTHING_ON: dict[str, Any] = {
    "publicUrl": "https://crm.example",
    "image": {
        "registry": "registry.example:5000",
        "digest": f"sha256:{'0' * 64}",
        "pullSecrets": ["registry"],
    },
    "settings": {"http_threads": 16, "log_level": "WARNING"},
    "drainSeconds": 25.5,
    "database": {
        "secretName": "elsewhere.database",
        "create": True,
        "authoritySecretName": "elsewhere.authority",
    },
    "nats": {
        "secretName": "elsewhere.nats",
        "url": "tls://nats.example:4222",
        "monitorUrl": "https://nats.example:8222",
        "streamReplicas": 3,
    },
    "service": {"secretName": "elsewhere.service"},
    "mail": {"enabled": True, "secretName": "elsewhere.mail", "sender": "CRM <crm@crm.example>"},
    "telemetry": {
        "otlpEndpoint": "https://collector.example:4317",
        "podMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "roleDefaults": {
        "autoscaling": {"lag": {"enabled": True}},
        "disruption": {"maxUnavailable": "25%"},
        "settings": {"http_threads": 4},
    },
    "pods": {
        "user": 20002,
        "labels": {"team": "crm"},
        "annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "true"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "crm", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {}},
        "priorityClassName": "business",
        "authorities": "trusted",
        "volumes": [{"name": "forms", "configMap": {"name": "forms"}}],
        "mounts": [{"name": "forms", "mountPath": "/etc/company"}],
    },
    "serviceAccount": {"annotations": {"cloud.example/role": "crm"}},
    "route": {
        "enabled": True,
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "hostnames": ["crm.example"],
        "annotations": {"team": "crm"},
    },
    "network": {
        "gateway": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gw"}}}],
        "database": {"to": [{"ipBlock": {"cidr": "192.0.2.10/32"}}], "port": 6432},
        "nats": {"to": [{"ipBlock": {"cidr": "192.0.2.11/32"}}]},
        "mail": {"to": [{"ipBlock": {"cidr": "192.0.2.12/32"}}], "port": 465},
    },
    "extraObjects": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-one"}},
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\ndata: {text: 'a\n\n  b'}",
    ],
}

EVERYTHING_OFF: dict[str, Any] = {
    "prepare": {"enabled": False},
    "mail": {"enabled": False},
    "network": {"enabled": False},
    "drainSeconds": 0,
    "preStopSeconds": 1,
    "roleDefaults": {
        "replicas": 0,
        "autoscaling": {"enabled": False},
        "disruption": {"enabled": False},
    },
}

CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "everything on": EVERYTHING_ON,
    "everything off": EVERYTHING_OFF,
    "prepared by an ordinary job": {"prepare": {"hooks": ""}, "image": {"tag": "1.2.3-rc.1"}},
    "said for all services": {"global": {"rapport": {**EVERYTHING_OFF, "platform": "crm"}}},
}
