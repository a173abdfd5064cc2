"""A release: the same bytes anywhere, one version, pinned requirements, and an installation by hashes as documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from tools import dist

import pulumi_veza
from tests.examples.test_documentation import README, ROOT, block

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

INSTALL = (ROOT / "docs" / "install.md").read_text()
VERSION = Version(pulumi_veza.__version__)
LOCKS = {"pyproject.toml": "requirements.txt", "simulator/pyproject.toml": "simulator/requirements.txt"}


def pins(file: str) -> dict[str, set[str]]:
    """Return the versions that a file of requirements has of each distribution."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / file).read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def declared(file: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / file).read_text())["project"]
    return [Requirement(each) for each in [*project["dependencies"], *optional(project, "policy")]]


def optional(project: dict[str, dict[str, list[str]]], extra: str) -> list[str]:
    return project.get("optional-dependencies", {}).get(extra, [])


def test_the_readme_says_of_every_extra_what_it_is_for() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    install = README.partition("## Install\n")[2].partition("\n## ")[0]
    assert [extra for extra in extras if f"`{extra}`" not in install] == []


def test_one_version_is_written_everywhere() -> None:
    simulator = tomllib.loads((ROOT / "simulator" / "pyproject.toml").read_text())["project"]["version"]
    assert Version(simulator) == VERSION
    pack = yaml.safe_load((Path(pulumi_veza.__file__).parent / "policies/pack/PulumiPolicy.yaml").read_text())
    assert pack["version"] == VERSION.base_version
    newest = re.search(r"^## (\S+) \((.*)\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest, "CHANGELOG.md begins with a version and, in brackets, its day or `unreleased`"
    assert newest[1] == VERSION.base_version
    assert re.fullmatch("unreleased" if VERSION.is_devrelease else r"\d{4}-\d\d-\d\d", newest[2])


@pytest.mark.parametrize("project", LOCKS)
def test_what_users_install_is_pinned_with_hashes_in_the_versions_that_are_tested(project: str) -> None:
    pinned, tested = pins(LOCKS[project]), pins("requirements-dev.txt")
    for each in declared(project):
        assert all(version in each.specifier for version in pinned[each.name]), f"{each}: `make requirements`"
    # What only another system needs is not in the environment of the tests.
    untested = pinned.keys() - tested.keys()
    assert untested <= {"colorama"}
    assert {
        name: versions for name, versions in pinned.items() if name not in untested and versions != tested[name]
    } == {}
    for entry in re.split(r"^(?=\w)", (ROOT / LOCKS[project]).read_text(), flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry


@pytest.mark.slow
def test_the_same_commit_gives_the_same_bytes_in_any_folder(tmp_path: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    built = []
    for name, mode in (("one", 0o644), ("another/and/deeper", 0o600)):
        sources = tmp_path / name
        for file in filter(None, tracked.split("\0")):
            if (ROOT / file).exists():
                (sources / file).parent.mkdir(parents=True, exist_ok=True)
                # The time of a copy is another, and so are the rights.
                shutil.copyfile(ROOT / file, sources / file)
                (sources / file).chmod(mode)
        files = dist.build(sources, tmp_path / f"dist-{len(built)}", 1_700_000_000)
        built.append({each.name: each.read_bytes() for each in files})
    first, second = built
    assert len(first) == 4
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run `make dist` of the last commit; return its folder, where the wheels are expected, and what it printed."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    command = [sys.executable, ROOT / "tools" / "dist.py", "--output", folder, "--url", folder.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder, ran.stdout


def test_a_folder_that_holds_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    command = [sys.executable, ROOT / "tools" / "dist.py", "--output", tmp_path]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert re.fullmatch(r"No release: .* holds something else than a release: .*\n", refused.stderr)
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_make_dist_builds_checks_and_installs_by_hashes_and_says_so(released: tuple[Path, str]) -> None:
    folder, printed = released
    version = re.search("checked their metadata: version (.*)\\.$", printed, re.MULTILINE)
    assert version
    assert f"ran {len(dist.COMMANDS)} commands there." in printed
    assert {each.name for each in folder.iterdir()} == {
        f"pulumi_veza-{version[1]}-py3-none-any.whl",
        f"pulumi_veza-{version[1]}.tar.gz",
        f"veza_simulator-{version[1]}-py3-none-any.whl",
        f"veza_simulator-{version[1]}.tar.gz",
        "requirements.txt",
        "simulator-requirements.txt",
        "SHA256SUMS",
    }
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_documented_line_installs_the_wheel_and_no_other_file(released: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = released
    line, _, needed = (folder / "requirements.txt").read_text().partition("\n")
    (wheel,) = folder.glob("pulumi_veza-*.whl")
    version = wheel.name.split("-")[1]
    documented = block(INSTALL, "requirements").strip().replace("https://RELEASES", folder.as_uri())
    assert documented.replace("VERSION", version).replace("HASH", dist.digest(wheel)) == line
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "environment"], check=True)

    def install() -> subprocess.CompletedProcess[str]:
        command = f". environment/bin/activate && {block(INSTALL, 'install')}"
        return subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)

    # Another file in its place, by whoever may write there.
    pinned = tmp_path / "requirements.txt"
    pinned.write_text(line.replace("--hash=sha256:", "--hash=sha256:0")[:-1])
    refused = install()
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr

    # What the program needs besides is pinned as well, and the versions of the release stay.
    (tmp_path / "pulumi-veza.txt").write_text(f"{line}\n{needed}")
    (tmp_path / "requirements.in").write_text(block(INSTALL, "requirements.in"))
    subprocess.run(
        ["bash", "-c", f"{Path(sys.executable).parent}/{block(INSTALL, 'compile')}"], cwd=tmp_path, check=True
    )
    assert f"pulumi-veza @ {wheel.as_uri()}" in pinned.read_text()
    assert "attrs==" in pinned.read_text()
    installed = install()
    assert installed.returncode == 0, installed.stderr
    ran = subprocess.run(
        [tmp_path / "environment" / "bin" / "pulumi-veza", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"pulumi-veza {version}\n"


def test_make_clean_removes_what_was_made_and_keeps_what_was_written(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    made = [".venv/bin", ".demo/state", "dist", ".mypy_cache", "provider/pulumi_veza/__pycache__"]
    kept = ["provider/pulumi_veza", "simulator", "tests", "tools/engine", "bench", "examples", ".git/__pycache__"]
    for folder in [*made, *kept]:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "tools" / "engine" / "pulumi-language-python").touch()
    # Started by another make it would also print which folder it enters.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    ran = subprocess.run(["make", "clean"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "The engine in your cache folder stays: make clean ENGINE=1 removes it.\n"
    assert [folder for folder in made if (tmp_path / folder).exists()] == []
    assert [folder for folder in kept if not (tmp_path / folder).exists()] == []
