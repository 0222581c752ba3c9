"""Keeps the contracts as they are released, so that later changes can be checked against them.

The snapshots, protos/released.txtpb for gRPC and facts and tests/contracts/released/<service>.json
for REST, are part of the repository and not taken from a tag: a fresh or shallow clone has no tags,
and the check must work there too, without the network. Run
`python -m deploy.tools.release_contracts` when a release is cut, and at no other time.
"""

import argparse
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from deploy.tools.openapi_changes import breaking_changes
from deploy.tools.openapi_documents import document_of, dump, load

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path("protos") / "released.txtpb"
REST_SNAPSHOTS = ROOT / "tests" / "contracts" / "released"
NO_SERVICE = frozenset({"common"})


class ContractsError(RuntimeError):
    """The contracts do not build, or break what was released; the message says where."""


def run_buf(*arguments: str, root: Path = ROOT) -> None:
    """Runs buf in `root`. Raises ContractsError with what it says."""
    buf = Path(sysconfig.get_path("scripts")) / "buf"
    answer = subprocess.run(
        [str(buf), *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise ContractsError(answer.stdout.strip() or answer.stderr.strip())


def check_compatible(root: Path = ROOT) -> None:
    """Raises ContractsError when the contracts below `root` break those of the last release."""
    if not (root / SNAPSHOT).exists():
        raise ContractsError(f"{SNAPSHOT} is missing, so nothing can be compared with the release")
    run_buf("breaking", "--against", str(SNAPSHOT), root=root)


def take_snapshot(root: Path = ROOT) -> None:
    """Writes the contracts as they are now, without their comments, as those of the release."""
    run_buf("build", "--exclude-source-info", "--output", str(SNAPSHOT), root=root)


def released_services(root: Path = ROOT) -> set[str]:
    """The services that the last release had, as the facts and methods say that it kept."""
    text = (root / SNAPSHOT).read_text(encoding="utf-8")
    # buf adds fields of its own, and options of ours are extensions; neither matters here.
    image = text_format.Parse(
        text, FileDescriptorSet(), allow_unknown_field=True, allow_unknown_extension=True
    )
    packages = (file.package.split(".") for file in image.file)
    found = {words[1] for words in packages if words[0] == "rapport" and len(words) > 1}
    return found - NO_SERVICE


def check_rest_compatible(service: str, document: Mapping[str, Any]) -> None:
    """Raises ContractsError when a service's REST contract breaks that of the last release.

    A service that is newer than the release breaks nothing.
    """
    released = REST_SNAPSHOTS / f"{service}.json"
    if not released.exists():
        if service not in released_services():
            return
        raise ContractsError(f"{released.name} is missing, so nothing can be compared with it")
    found = breaking_changes(load(released.read_text(encoding="utf-8")), document)
    if found:
        raise ContractsError("\n".join(found))


def take_rest_snapshot(service: str, document: Mapping[str, Any]) -> None:
    """Writes a service's REST contract as it is now as that of the release."""
    REST_SNAPSHOTS.mkdir(exist_ok=True)
    (REST_SNAPSHOTS / f"{service}.json").write_text(dump(document), encoding="utf-8")


def service_documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI document of every service that serves REST, by the service's name."""
    found = sorted(path.parent.name for path in (ROOT / "services").glob("*/*/app.py"))
    return {name: document_of(name) for name in found}


def main() -> int:
    """Replaces the snapshots, if the contracts allow it."""
    parser = argparse.ArgumentParser(
        description="Keeps the contracts of this release for later changes to be checked against."
    )
    parser.add_argument(
        "--break",
        dest="may_break",
        action="store_true",
        help="keep them although they break the last release (before 1.0; say so in CHANGELOG.md)",
    )
    arguments = parser.parse_args()
    documents = service_documents()
    try:
        if not arguments.may_break:
            check_compatible()
            for service, document in documents.items():
                if (REST_SNAPSHOTS / f"{service}.json").exists():
                    check_rest_compatible(service, document)
        take_snapshot()
    except ContractsError as error:
        sys.stderr.write(f"release_contracts: {error}\n")
        return 1
    for service, document in documents.items():
        take_rest_snapshot(service, document)
    print(f"kept: gRPC and facts, and the REST contracts of {', '.join(documents)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
