"""`make images`: builds the images with whatever builder is there, each from the same Dockerfile."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = Path("deploy") / "image" / "Dockerfile"
BUILDERS = ("docker", "podman", "buildah")
TAG_TO_PIN = "python:3.13-slim-trixie"
_PINNED = re.compile(r"\S+@sha256:[0-9a-f]{64}\Z")


class ImagesError(RuntimeError):
    """No image can be built; the message says what is missing or wrong, and what to do."""


@dataclass(frozen=True)
class Image:
    """One image: what is in it and what it starts."""

    name: str
    kind: str
    parts: tuple[str, ...]
    module: str

    @property
    def project(self) -> Path:
        """The packaging of what it starts."""
        return Path(self.parts[0]) / "pyproject.toml"


def images(root: Path) -> dict[str, Image]:
    """Every image that can be built from a checkout, by name."""
    found = sorted(path.parent.parent.name for path in root.glob("services/*/migrations/versions"))
    services = [name for name in found if (root / "services" / name / "pyproject.toml").exists()]
    folders = tuple(f"services/{name}" for name in services)
    made = [Image(name, "service", (f"services/{name}",), name) for name in services]
    made.append(Image("portal", "portal", ("gateway/portal",), "portal"))
    made.append(Image("operator", "operator", ("deploy/operator", *folders), "rapport_operator"))
    return {image.name: image for image in made}


@dataclass(frozen=True)
class Wish:
    """What was asked for, as the environment says it."""

    base: str
    registry: str
    tag: str
    index_url: str
    trusted_host: str
    pip_conf: str

    @classmethod
    def read(cls, environment: Mapping[str, str], tag: str) -> "Wish":
        """Raises ImagesError that names the variable which is missing or wrong."""
        base = environment.get("BASE", "")
        if not base:
            raise ImagesError(
                f"BASE is not set: say on which image to build, pinned by digest. `docker buildx imagetools inspect "
                f"{TAG_TO_PIN}` prints the digest; then BASE={TAG_TO_PIN}@sha256:…"
            )
        if not _PINNED.match(base) and environment.get("UNPINNED") != "1":
            raise ImagesError(
                f"BASE={base} is not pinned: add @sha256:… and its digest (UNPINNED=1 builds for a try nevertheless)"
            )
        return cls(
            base,
            environment.get("REGISTRY", "").rstrip("/"),
            environment.get("TAG") or tag,
            environment.get("INDEX_URL", ""),
            environment.get("TRUSTED_HOST", ""),
            environment.get("PIP_CONF", ""),
        )


@dataclass(frozen=True)
class Origin:
    """From what an image is made, for its labels."""

    revision: str
    created: str
    source: str


def command(builder: str, image: Image, wish: Wish, origin: Origin, version: str) -> list[str]:
    """What is run to build one image, in the checkout's root."""
    name = f"rapport/{image.name}:{wish.tag}"
    arguments = {
        "BASE": wish.base,
        "KIND": image.kind,
        "SERVICE": image.name,
        "PARTS": " ".join(image.parts),
        "MODULE": image.module,
        "TITLE": f"rapport-{image.name}",
        "VERSION": version,
        "REVISION": origin.revision,
        "SOURCE": origin.source,
        "CREATED": origin.created,
    }
    arguments |= {
        name: value
        for name, value in (
            ("PIP_INDEX_URL", wish.index_url),
            ("PIP_TRUSTED_HOST", wish.trusted_host),
        )
        if value
    }
    words = [builder, "build", f"--file={DOCKERFILE}", f"--tag={_below(wish.registry, name)}"]
    if builder != "docker":
        words.append("--format=docker")  # the other format knows no HEALTHCHECK and no SHELL
    words += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    if wish.pip_conf:
        words.append(f"--secret=id=pip-conf,src={wish.pip_conf}")
    return [*words, "."]


def _below(registry: str, name: str) -> str:
    return f"{registry}/{name}" if registry else name


def find_builder(known: Sequence[str] = BUILDERS) -> str:
    """The first builder that is there and answers; raises ImagesError."""
    silent = []
    for name in known:
        program = shutil.which(name)
        if program is None:
            continue
        # The client of docker may be there without the engine, which alone builds.
        answer = subprocess.run([program, "info"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return name
        silent.append(f"{name} is installed and does not answer ({_last_line(answer.stderr)})")
    if silent:
        raise ImagesError("; ".join(silent))
    raise ImagesError(f"none of {', '.join(known)} is installed: one of them builds the images")


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def version_of(root: Path, image: Image) -> str:
    """The version that the image's own package declares."""
    project = tomllib.loads((root / image.project).read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _origin(root: Path) -> Origin:
    def git(*words: str) -> str:
        answer = subprocess.run(
            ["git", *words],  # noqa: S607 - git is where the developer has it
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout.strip() if answer.returncode == 0 else ""

    revision = git("rev-parse", "HEAD") or "unknown"
    if git("status", "--porcelain"):
        revision += "-dirty"
    source = os.environ.get("SOURCE_URL", "")
    return Origin(revision, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), source)


def main() -> int:
    """Build the images that are named, or all of them; exit code 1 and one line when that cannot be done."""
    known = images(ROOT)
    try:
        wanted = sys.argv[1:] or list(known)
        strange = [name for name in wanted if name not in known]
        if strange:
            raise ImagesError(f"there is no image {strange[0]!r}: one of {', '.join(known)}")
        origin = _origin(ROOT)
        wish = Wish.read(os.environ, origin.revision[:12])
        builder = find_builder()
        for name in wanted:
            version = version_of(ROOT, known[name])
            words = command(builder, known[name], wish, origin, version)
            print(f"images: {name} with {builder}", flush=True)
            if subprocess.run(words, cwd=ROOT, check=False).returncode != 0:
                raise ImagesError(f"{name} was not built, see above")
    except ImagesError as error:
        sys.stderr.write(f"images: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
