"""What the distribution ``veza-simulator`` carries and needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

SOURCES = Path(__file__).resolve().parents[2] / "simulator"


def test_the_wheel_carries_the_package_its_types_and_the_command(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(SOURCES)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("veza_simulator-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
        (entry_points,) = (name for name in carried if name.endswith("entry_points.txt"))
        assert "veza-simulator = veza_simulator.cli:main" in archive.read(entry_points).decode()
        assert any(name.endswith("licenses/LICENSE") for name in carried)
    expected = {
        str(file.relative_to(SOURCES))
        for file in (SOURCES / "veza_simulator").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    assert {name for name in carried if ".dist-info/" not in name} == expected
    assert {"veza_simulator/py.typed", "veza_simulator/schema.sql"} <= carried


def test_the_licence_is_that_of_the_repository() -> None:
    assert (SOURCES / "LICENSE").read_text() == (SOURCES.parent / "LICENSE").read_text()


def test_neither_distribution_requires_the_other() -> None:
    for name in ("pulumi-veza", "veza-simulator"):
        required = {Requirement(each) for each in metadata.requires(name) or []}
        assert required
        # The provider's extras refer to each other.
        assert {each.name for each in required if each.name in {"pulumi-veza", "veza-simulator"}} <= {name}
