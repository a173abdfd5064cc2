"""Runs the ``run:`` steps of a GitHub workflow as a runner does: the steps as they are in the file, in bash.

What is GitHub's is stood in for: the contexts (``${{ secrets.X }}``), ``gh``, whose comments, pull requests and
artifacts are files, and the action that uploads an artifact. Other steps with ``uses:`` are left out: what they install
is there.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.stack import Stack, engine_folder

GH = Path(__file__).with_name("gh.py")
REPOSITORY = "acme/access"
GITHUB_TOKEN = "a-token-of-the-forge"  # noqa: S105 - opens nothing
BOT = "github-actions[bot]"
UPLOAD = "actions/upload-artifact@"

_EXPRESSION = re.compile(r"\$\{\{ *([\w.]+) *\}\}")


@dataclass(frozen=True)
class Step:
    """What one step did."""

    name: str
    returncode: int
    output: str


@dataclass(frozen=True)
class Run:
    """What a job did: its steps up to the first that failed."""

    steps: list[Step]

    @property
    def failed(self) -> str | None:
        """Return the name of the step that failed."""
        return next((each.name for each in self.steps if each.returncode), None)

    @property
    def output(self) -> str:
        """All that was printed."""
        return "".join(each.output for each in self.steps)

    def of(self, name: str) -> str:
        """Return what a step printed."""
        (found,) = [each.output for each in self.steps if each.name == name]
        return found


@dataclass
class Forge:
    """A repository on GitHub, with one pull request, and secrets."""

    folder: Path
    secrets: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)

    pull_request: int = 12
    """The number of the one that is worked on."""
    head: str = "cafe0001"
    """Its last commit."""
    commit: str = ""
    """The commit that main points to."""

    @property
    def comments_folder(self) -> Path:
        """Where the comments are."""
        return self.folder / "comments"

    def merge(self, commit: str, *, at: str = "2030-01-01T12:00:00Z") -> None:
        """Merge the pull request, by which main points to a commit."""
        self.commit = commit
        said = {
            "number": self.pull_request,
            "merged_at": at or None,
            "merge_commit_sha": commit,
            "head": {"sha": self.head},
        }
        self._write("pulls", self.pull_request, said)

    def upload(self, name: str, files: Collection[Path], *, at: str | None = None, **more: Any) -> int:
        """Keep files as an artifact of a run for the last commit of the pull request; return its id."""
        number = 1 + len([*(self.folder / "artifacts").glob("*.json")])
        run = {"head_sha": self.head, "repository_id": 7, "head_repository_id": 7, **more}
        said = {"id": number, "name": name, "expired": False, "workflow_run": run}
        self._write("artifacts", number, {**said, "created_at": at or f"2030-01-01T11:00:{number:02}Z"})
        with zipfile.ZipFile(self.folder / "artifacts" / f"{number}.zip", "w") as archive:
            for file in files:
                archive.write(file, file.name)
        return number

    def change_artifact(self, number: int, **more: Any) -> None:
        """Change what is said of an artifact."""
        file = self.folder / "artifacts" / f"{number}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | more))

    def _write(self, folder: str, number: int, said: Mapping[str, Any]) -> None:
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        (self.folder / folder / f"{number}.json").write_text(json.dumps(said))

    def comments(self) -> dict[int, dict[str, Any]]:
        """Return the comments by their ids."""
        files = sorted(self.comments_folder.glob("*.json"))
        return {int(file.stem): json.loads(file.read_text()) for file in files}

    def bodies(self) -> dict[int, str]:
        """Return what the comments say."""
        return {number: comment["body"] for number, comment in self.comments().items()}

    def comment(self, login: str, body: str) -> None:
        """Comment as somebody."""
        self.comments_folder.mkdir(parents=True, exist_ok=True)
        number = max(self.comments(), default=100) + 1
        written = {"id": number, "issue": self.pull_request, "user": {"login": login}, "body": body}
        (self.comments_folder / f"{number}.json").write_text(json.dumps(written))


@dataclass(frozen=True)
class Job:
    """A job of a workflow, as its file says."""

    workflow: Mapping[str, Any]
    said: Mapping[str, Any]

    @classmethod
    def load(cls, text: str, name: str) -> Job:
        """Read one from the text of a workflow."""
        workflow = yaml.safe_load(text)
        return cls(workflow, workflow["jobs"][name])

    def run(self, forge: Forge, stack: Stack, number: int = 1, *, only: str = "", without: Collection[str] = ()) -> Run:
        """Run the steps in the repository that is the stack's folder, up to the first that fails.

        Args:
            forge: Where the comments are, and the secrets.
            stack: Whose folder is the repository, and whose name is the matrix's.
            number: The run's.
            only: The name of the only step to run.
            without: The names of steps to leave out.

        """
        done = []
        for step in self.steps(forge, stack, number):
            if "upload" in step:
                if not only:
                    forge.upload(**step["upload"])
            elif only in {"", step["name"]} and step["name"] not in without:
                done.append(self._run(step, forge, stack))
                print(f"--- {done[-1].name}: {done[-1].returncode}\n{done[-1].output}")
                if done[-1].returncode:
                    break
        assert done
        return Run(done)

    def steps(self, forge: Forge, stack: Stack, number: int) -> Iterator[dict[str, Any]]:
        """Return the steps that run or upload something, with their environments and folders."""
        contexts: dict[str, Any] = {
            "secrets": forge.secrets,
            "vars": forge.variables,
            "matrix": {"stack": stack.name},
            "github": {"token": GITHUB_TOKEN, "event": {"pull_request": {"number": forge.pull_request}}},
        }
        common = _evaluated(self.workflow.get("env", {}), contexts)
        contexts["env"] = common | _evaluated(self.said.get("env", {}), contexts | {"env": common})
        defaults = _evaluated(self.said["defaults"]["run"], contexts)
        assert defaults["shell"] == "bash"
        for step in self.said["steps"]:
            if step.get("uses", "").startswith(UPLOAD):
                given = _evaluated(step["with"], contexts)
                files = [stack.root / line for line in given["path"].splitlines()]
                yield {"upload": {"name": given["name"], "files": files}}
            if "run" in step:
                environment = contexts["env"] | _evaluated(step.get("env", {}), contexts)
                given = {
                    "GITHUB_RUN_NUMBER": str(number),
                    "GITHUB_REPOSITORY": REPOSITORY,
                    "GITHUB_SHA": forge.commit,
                    "GITHUB_STEP_SUMMARY": str(forge.folder / "summary.md"),
                }
                folder = stack.root / defaults["working-directory"]
                yield {"name": step["name"], "run": step["run"], "env": environment | given, "folder": folder}

    @staticmethod
    def _run(step: Mapping[str, Any], forge: Forge, stack: Stack) -> Step:
        script = forge.folder / "step.sh"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=step["folder"],
            env=_machine(forge, stack) | step["env"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Step(step["name"], done.returncode, done.stdout)


def _machine(forge: Forge, stack: Stack) -> dict[str, str]:
    """Return what the machine has by itself: the programs, and nothing that is secret."""
    programs = forge.folder / "bin"
    programs.mkdir(exist_ok=True)
    gh = programs / "gh"
    gh.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{GH}" "$@"\n')
    gh.chmod(0o755)
    return {
        "PATH": os.pathsep.join(map(str, [programs, engine_folder(), Path(sys.prefix) / "bin", os.environ["PATH"]])),
        "HOME": str(forge.folder),
        "LANG": "C.UTF-8",
        # Where the tests run on another checkout than the one that is installed.
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PULUMI_HOME": str(stack.home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # What is to be installed is there: nothing is fetched or changed, and what is not there fails.
        "PIP_NO_INDEX": "1",
        "PIP_DRY_RUN": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "STAND_IN_FORGE": str(forge.folder),
        "STAND_IN_LOGIN": BOT,
    }


def _evaluated(values: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _EXPRESSION.sub(lambda found: _value(found[1], contexts), str(value)) for name, value in values.items()
    }


def _value(path: str, contexts: Mapping[str, Any]) -> str:
    value: Any = contexts
    for name in path.split("."):
        # What is not set is empty, as on GitHub.
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    return str(value)
