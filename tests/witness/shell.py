"""Runs ``python -m pulumi_veza.cli`` again and again in one process, as loading it takes longer than running it."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def without_settings() -> dict[str, str]:
    """Return the environment without what configures the provider or the engine, for a terminal without colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VEZA_", "PULUMI_"))}
    return {**kept, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}


class Shell:
    """The process, which is started with the first command."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: folder / f".{name}" for name in ("stdin", "stdout", "stderr")}
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], stdin: str, cwd: Path, environment: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """Run a command; returns its exit code and what it wrote to the standard output and the standard error."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.witness.shell"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._files["stdin"].write_text(stdin, encoding="utf-8")
        asked = {
            "arguments": list(arguments),
            "cwd": str(cwd),
            "environment": {**without_settings(), **environment},
            "files": {name: str(file) for name, file in self._files.items()},
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process of the command line has ended"
        return int(answer), self._files["stdout"].read_text(), self._files["stderr"].read_text()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


def _serve() -> None:
    asking, answering = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in asking:
        asked = json.loads(line)
        for number, (name, mode) in enumerate((("stdin", "rb"), ("stdout", "wb"), ("stderr", "wb"))):
            with open(asked["files"][name], mode) as file:
                os.dup2(file.fileno(), number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # lives as long as the command
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["cwd"])
        code = _run(asked["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
        answering.write(f"{code}\n")
        answering.flush()


def _run(arguments: list[str]) -> int:
    sys.argv = ["pulumi_veza.cli", *arguments]
    try:
        runpy.run_module("pulumi_veza.cli", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
            return 1
        return ended.code or 0
    return 0


if __name__ == "__main__":
    _serve()
