"""Build what a release consists of: wheels and sdists of both distributions, requirements with hashes, and checksums.

Everything is built from the commit that is checked out, with its time, so that the same commit gives the same files
anywhere; what is not committed is left out. The files are checked and installed before they are put into the folder.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from packaging.metadata import ExceptionGroup, Metadata

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = {"pulumi-veza": ".", "veza-simulator": "simulator"}
"""The distributions, each with its folder."""
REQUIREMENTS = {"pulumi-veza[policy]": "requirements.txt", "veza-simulator": "simulator-requirements.txt"}
"""What a file of requirements installs, and the file's name in the release."""
CHECKSUMS = "SHA256SUMS"
ELSEWHERE = "https://RELEASES"
"""Where the wheels will be, as long as nobody says it."""
COMMANDS: Sequence[Sequence[str]] = (
    ("pulumi-veza", "--help"),
    ("pulumi-veza", "--version"),
    ("veza-simulator", "--help"),
    ("python", "-m", "pip", "check"),
    ("python", "-c", "import pulumi_veza.policies, pulumi_policy, veza_simulator; pulumi_veza.Client"),
)
"""What has to work in an environment that holds nothing but the release and what it requires."""


class DistError(Exception):
    """The release cannot be built; the message is the one line that the user sees."""


def say(text: str) -> None:
    """Print a line about a step that was done."""
    print(text, flush=True)


def run(*command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it prints.

    Raises:
        DistError: it failed.

    """
    ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip() or ran.stdout.strip() or "nothing").splitlines()[-1]
        shown = " ".join([Path(command[0]).name, *map(str, command[1:4])])
        raise DistError(f"`{shown}` ended with exit code {ran.returncode} and said: {last}")
    return ran.stdout


def build(sources: Path, folder: Path, epoch: int) -> list[Path]:
    """Build a wheel and an sdist of each distribution; the wheel is built from the sdist, which is thereby complete."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
    for place in DISTRIBUTIONS.values():
        command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, sources / place)
        run(*command, cwd=sources, env=environment)
    return sorted(folder.iterdir())


def metadata_of(file: Path) -> Metadata:
    """Return the metadata of a wheel or an sdist, checked against the standard.

    Raises:
        DistError: the file lacks metadata, or they are not valid.

    """
    found: list[bytes] = []
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            found = [wheel.read(name) for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    else:
        with tarfile.open(file) as sdist:
            members = [each for each in sdist.getmembers() if PurePosixPath(each.name).match("*/PKG-INFO")]
            found = [content.read() for each in members if (content := sdist.extractfile(each)) is not None]
    if len(found) != 1:
        raise DistError(f"{file.name} has {len(found)} files of metadata, not one.")
    try:
        return Metadata.from_email(found[0], validate=True)
    except ExceptionGroup as problems:
        raise DistError(f"{file.name}: {'; '.join(map(str, problems.exceptions))}") from None


def check_metadata(files: Sequence[Path]) -> str:
    """Check the metadata of all files, and return the version that they have in common.

    Raises:
        DistError: they are not valid, or of several versions.

    """
    seen = {file: metadata_of(file) for file in files}
    names = sorted({each.name for each in seen.values()})
    if len(files) != 2 * len(DISTRIBUTIONS) or names != sorted(DISTRIBUTIONS):
        raise DistError(f"There are {len(files)} files, of {', '.join(names)}.")
    versions = sorted({str(each.version) for each in seen.values()})
    if len(versions) != 1:
        raise DistError(f"The distributions have the versions {' and '.join(versions)}: write one in both.")
    for file, each in seen.items():
        if not each.license_files or each.description_content_type != "text/markdown" or not each.description:
            raise DistError(f"{file.name} lacks its licence or its description.")
    return versions[0]


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def write_requirements(sources: Path, folder: Path, url: str) -> None:
    """Write the files of requirements: the wheel, pinned by its hash, and everything that it needs."""
    for requirement, name in REQUIREMENTS.items():
        distribution = requirement.partition("[")[0]
        (wheel,) = folder.glob(f"{distribution.replace('-', '_')}-*.whl")
        line = f"{requirement} @ {url}/{wheel.name} --hash=sha256:{digest(wheel)}\n"
        needed = (sources / DISTRIBUTIONS[distribution] / "requirements.txt").read_text()
        (folder / name).write_text(line + needed)


def write_checksums(folder: Path) -> None:
    """Write the checksums of everything in the folder, as `sha256sum --check` reads them."""
    files = sorted(folder.iterdir())
    (folder / CHECKSUMS).write_text("".join(f"{digest(each)}  {each.name}\n" for each in files))


def install(folder: Path, url: str, scratch: Path) -> None:
    """Install the files of requirements with their hashes into an empty environment, and run what they bring."""
    run(sys.executable, "-m", "venv", scratch / "environment")
    programs = scratch / "environment" / "bin"
    # Neither this checkout nor anything else of this environment is to be found there.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**kept, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    arguments: list[str | Path] = []
    for name in REQUIREMENTS.values():
        here = scratch / name
        here.write_text((folder / name).read_text().replace(url, folder.as_uri(), 1))
        arguments += ["--requirement", here]
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:")
    run(*pip, *arguments, cwd=scratch, env=environment)
    for command in COMMANDS:
        run(programs / command[0], *command[1:], cwd=scratch, env=environment)


def release(output: Path, url: str, *, installed: bool) -> None:
    """Build, check and install, and only then put the files where they are wanted.

    Raises:
        DistError: something is wrong with the release, or the folder holds what no release has put there.

    """
    if output.exists() and not (output / CHECKSUMS).exists() and any(output.iterdir()):
        raise DistError(f"{os.path.relpath(output)} holds something else than a release: remove it, or name another.")
    commit, seconds = run("git", "log", "-1", "--format=%h %ct").split()
    day = datetime.fromtimestamp(int(seconds), tz=timezone.utc).date()
    left_out = "; what is not committed is left out" if run("git", "status", "--porcelain").strip() else ""
    say(f"Building {' and '.join(DISTRIBUTIONS)} from commit {commit} of {day}{left_out}.")
    with tempfile.TemporaryDirectory(prefix="dist-") as temporary:
        scratch = Path(temporary)
        sources, folder = scratch / "sources", scratch / "dist"
        run("git", "archive", "--format=tar", f"--output={scratch / 'sources.tar'}", "HEAD")
        with tarfile.open(scratch / "sources.tar") as archive:
            archive.extractall(sources, filter="data")
        files = build(sources, folder, int(seconds))
        say(f"Built {len(files)} files and checked their metadata: version {check_metadata(files)}.")
        write_requirements(sources, folder, url)
        write_checksums(folder)
        say("Wrote the requirements with the hash of each file that they allow, and the checksums of everything.")
        if installed:
            install(folder, url, scratch)
            say(f"Installed with hashes into an empty environment, and ran {len(COMMANDS)} commands there.")
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(folder, output)
    for line in (output / CHECKSUMS).read_text().splitlines():
        say(f"  {line}")
    hint = " (write another with URL=...)" if url == ELSEWHERE else ""
    say(f"The release is in {os.path.relpath(output)}; its requirements take the wheels from {url}{hint}.")


def main() -> int:
    """Build the release; return the exit code."""
    parser = argparse.ArgumentParser(description="Build, check and install wheels and sdists of both distributions.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder to replace")
    parser.add_argument("--url", default=ELSEWHERE, help="where the wheels will be, for the files of requirements")
    parser.add_argument("--no-install", action="store_true", help="do not install what was built")
    options = parser.parse_args()
    try:
        release(options.output, options.url.rstrip("/"), installed=not options.no_install)
    except (DistError, OSError) as reason:
        print(f"No release: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
