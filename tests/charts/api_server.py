"""Stands in for the API server of a cluster: kubectl finds its resources there, and objects are taken or refused by their schemas."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from .rendering import Object
from .validation import NEWEST, problems_of

RESOURCES = {
    "v1": (
        "Namespace",
        "ConfigMap",
        "Secret",
        "Service",
        "ServiceAccount",
        "PersistentVolumeClaim",
    ),
    "apps/v1": ("Deployment", "StatefulSet"),
    "batch/v1": ("Job",),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "policy/v1": ("PodDisruptionBudget",),
    "networking.k8s.io/v1": ("NetworkPolicy", "Ingress"),
}
"""What a cluster without any custom resources knows, as far as charts use it."""


@dataclass
class ApiServer:
    """What was asked of it."""

    url: str
    applied: list[tuple[dict[str, list[str]], Object]] = field(default_factory=list)
    """The query and the object of each request to apply one."""
    others: list[str] = field(default_factory=list)
    """Requests that would have changed anything else."""

    def kubeconfig(self, folder: Path) -> Path:
        """A file with which kubectl finds it."""
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "stand-in", "cluster": {"server": self.url}}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "all", "context": {"cluster": "stand-in", "user": "nobody"}}],
            "current-context": "all",
        }
        path = folder / "kubeconfig"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path


def plural(kind: str) -> str:
    """What the resources of a kind are called in addresses."""
    word = kind.lower()
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}{'es' if word[-1] == 's' else 's'}"


def discovery() -> dict[str, Any]:
    """The answers by which clients find out what there is, by path."""
    answers: dict[str, Any] = {
        "/version": {"major": "1", "minor": NEWEST.split(".")[1], "gitVersion": f"v{NEWEST}"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/openapi/v3": {"paths": {}},
    }
    groups = defaultdict(list)
    for version, kinds in RESOURCES.items():
        home = f"/api{'s' if '/' in version else ''}/{version}"
        answers[home] = {
            "kind": "APIResourceList",
            "groupVersion": version,
            "resources": [
                {
                    "name": plural(kind),
                    "kind": kind,
                    "namespaced": kind != "Namespace",
                    "verbs": ["create", "delete", "get", "patch"],
                }
                for kind in kinds
            ],
        }
        described = f"/openapi/v3{home}"
        answers["/openapi/v3"]["paths"][home[1:]] = {"serverRelativeURL": described}
        answers[described] = _described(version, kinds, home)
        if "/" in version:
            groups[version.partition("/")[0]].append(version)
    answers["/apis"] = {
        "kind": "APIGroupList",
        "groups": [
            {
                "name": name,
                "versions": [
                    {"groupVersion": one, "version": one.partition("/")[2]} for one in own
                ],
                "preferredVersion": {"groupVersion": own[0], "version": own[0].partition("/")[2]},
            }
            for name, own in groups.items()
        ],
    }
    return answers


def _described(version: str, kinds: tuple[str, ...], home: str) -> dict[str, Any]:
    """What applying takes: a dry run, and strict validation."""
    group, _, own = version.rpartition("/")
    query = [{"name": name, "in": "query"} for name in ("dryRun", "fieldValidation")]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": NEWEST},
        "paths": {
            f"{home}/namespaces/{{namespace}}/{plural(kind)}/{{name}}": {
                "patch": {
                    "parameters": query,
                    "x-kubernetes-group-version-kind": {
                        "group": group,
                        "version": own,
                        "kind": kind,
                    },
                    "responses": {},
                }
            }
            for kind in kinds
        },
    }


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """A server that runs for the length of a block."""

    class Handler(_Handler):
        answers = discovery()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Handler.server_state = ApiServer(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Handler.server_state
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, Any]] = {}
    server_state: ClassVar[ApiServer]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.answers:
            self._say(200, self.answers[path])
        else:
            self._refuse(404, "NotFound", f"there is no {path}")

    def do_PATCH(self) -> None:
        one: Object = json.loads(self._body())
        problems = problems_of(one, NEWEST)
        if problems:
            self._refuse(422, "Invalid", problems[0])
            return
        query = parse_qs(urlsplit(self.path).query)
        self.server_state.applied.append((query, one))
        self._say(200, one)

    def do_POST(self) -> None:
        """Namespaces come and go; nothing else is changed here."""
        given = self._body()
        path = urlsplit(self.path).path
        self.server_state.others.append(f"{self.command} {path}")
        if path.startswith("/api/v1/namespaces") and path.count("/") <= 4:
            self._say(200, json.loads(given) if self.command == "POST" else {"kind": "Status"})
        else:
            self._refuse(403, "Forbidden", "nothing is changed here")

    def do_PUT(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _refuse(self, status: int, reason: str, message: str) -> None:
        failure = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
        self._say(status, failure | {"reason": reason, "message": message, "code": status})

    def _say(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
