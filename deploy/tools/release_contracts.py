"""Keeps the contracts as they are released, so that later changes can be checked against them.

The snapshot, protos/released.binpb, is part of the repository and not taken from a tag: a fresh or shallow clone has no tags,
and the check must work there too, without the network. Run this when a release is cut, and at no other time.
"""

import argparse
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path("protos") / "released.binpb"


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


def main() -> int:
    """Replaces the snapshot, if the contracts allow it."""
    parser = argparse.ArgumentParser(
        description="Keeps the contracts of this release for later changes to be checked against."
    )
    parser.add_argument(
        "--break",
        dest="may_break",
        action="store_true",
        help="keep them even though they break the last release (before 1.0, and said so in CHANGELOG.md)",
    )
    arguments = parser.parse_args()
    try:
        if not arguments.may_break and (ROOT / SNAPSHOT).exists():
            check_compatible()
        take_snapshot()
    except ContractsError as error:
        sys.stderr.write(f"release_contracts: {error}\n")
        return 1
    print(f"{SNAPSHOT}: the contracts of this release")
    return 0


if __name__ == "__main__":
    sys.exit(main())
