"""The command ``doctor``, run in this process, and what is around it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import pulumi_veza
from pulumi_veza.cli.commands import application

KEY = "a-key-that-nobody-may-see-0815"

ENGINE = '#!/bin/sh\necho "$@" >> "{log}"\ncase "$*" in\n{cases}\n*) exit 1;;\nesac\n'


@dataclass(frozen=True)
class Visit:
    """What the doctor said."""

    code: int
    document: dict[str, Any]

    def status(self, id_: str) -> str:
        return str(self.check(id_)["status"])

    def check(self, id_: str) -> dict[str, Any]:
        (found,) = (each for each in self.document["checks"] if each["id"] == id_)
        return dict(found)

    def wrong(self) -> dict[str, str]:
        """Return the checks that are neither well nor skipped, with their status."""
        checks = self.document["checks"]
        return {each["id"]: each["status"] for each in checks if each["status"] in {"problem", "warning"}}


class Practice:
    """A folder, an environment and a `PATH` for the doctor; nothing of this machine's own is looked at."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = root / "project"
        self.bin = root / "bin"
        self.log = root / "engine.log"
        self._monkeypatch = monkeypatch
        for each in (self.folder, self.bin, root / "home", root / "backend"):
            each.mkdir()
        for name in os.environ:
            if name.upper().startswith(("VEZA_", "PULUMI_")) or name.upper().endswith("_PROXY"):
                monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(root / "home"))
        monkeypatch.setenv("PATH", f"{self.bin}{os.pathsep}/usr/bin{os.pathsep}/bin")
        monkeypatch.setenv("PULUMI_BACKEND_URL", (root / "backend").as_uri())
        # As the real one answers, without the second that it takes.
        own = {"python": "3.12.1", "version": pulumi_veza.__version__, "file": pulumi_veza.__file__}
        self.python(f"echo '{json.dumps(own)}'")
        self.engine()

    def set(self, **variables: str) -> None:
        """Set variables of the environment."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def python(self, script: str) -> None:
        """Put a ``python3`` first on the PATH."""
        self._script("python3", f"#!/bin/sh\n{script}\n")

    def engine(self, *, version: str = "v3.259.0", **answers: str) -> None:
        """Put a ``pulumi`` on the PATH that prints a version, and by the first words of a command other texts."""
        empty = json.dumps({"version": 3, "deployment": {"resources": []}})
        texts = {
            "version": version,
            "stack export": empty,
            "config": "{}",
            **{name.replace("_", " "): text for name, text in answers.items()},
        }
        cases = []
        for index, (words, text) in enumerate(texts.items()):
            file = self.bin / f"answer-{index}"
            file.write_text(text, encoding="utf-8")
            cases.append(f'"{words}"*) cat "{file}";;')
        self._script("pulumi", ENGINE.format(log=self.log, cases="\n".join(cases)))

    def no_engine(self) -> None:
        (self.bin / "pulumi").unlink()

    def project(self, stack: str = "", *, settings: str = "name: test\nruntime: python\n") -> None:
        """Write a project, and the configuration of its stack ``dev``."""
        (self.folder / "Pulumi.yaml").write_text(settings, encoding="utf-8")
        (self.folder / "Pulumi.dev.yaml").write_text(stack, encoding="utf-8")

    def visit(self, *arguments: str) -> Visit:
        """Run the doctor; whatever it finds, it does not show the key."""
        printed = self.printed("--json", *arguments)
        return Visit(printed.exit_code, json.loads(printed.stdout))

    def printed(self, *arguments: str) -> Result:
        """Run the doctor, and return what it printed."""
        done = CliRunner().invoke(application, ["doctor", "--cwd", str(self.folder), *arguments])
        assert KEY not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def _script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text, encoding="utf-8")
        (self.bin / name).chmod(0o755)
