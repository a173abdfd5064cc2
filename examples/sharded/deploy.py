"""Run all stacks beside each other on one machine, by Pulumi's Automation API.

    python deploy.py preview --parallel 4
    python deploy.py up --parallel 4
    python deploy.py destroy --parallel 4

The types come first, and at `destroy` last. Ctrl-C starts nothing more and lets the requests in flight finish: every
state knows what was done, and no stack stays locked. Exit codes: 0 where all is done, 1 where a stack failed, 2 where
the command is wrong, 130 where it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pulumi import automation
from pulumi.automation.errors import create_command_error
from pulumi.automation.events import EngineEvent
from sharding import TYPES, shards

HERE = Path(__file__).resolve().parent
ACTIONS = ("preview", "up", "refresh", "destroy")
DONE = {"create": "created", "update": "updated", "delete": "deleted", "replace": "replaced", "same": "unchanged"}
TO_DO = {"create": "to create", "update": "to update", "delete": "to delete", "replace": "to replace"}
SUMMARIES = {
    *("preview failed", "update failed", "destroy failed", "update canceled"),
    "an unhandled error occurred: Program exited with non-zero exit code: 1",
}
"""What the engine says of a run beside the error that it failed with."""


class FailedError(Exception):
    """A stack failed; each argument is a reason."""


class CommandLine(automation.PulumiCommand):
    """The Pulumi CLI in process groups of its own: Ctrl-C comes to this program alone, which passes it on once.

    Twice, as a nervous user and the terminal would, the CLI ends at once and leaves the stack locked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.interrupted = threading.Event()
        """Once it is set, every command that runs comes to its end early."""

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], object] | None = None,  # noqa: ARG002 - nothing here reads along
        on_error: Callable[[str], object] | None = None,  # noqa: ARG002
    ) -> automation.CommandResult:
        """Run a command to its end, as the Automation API asks for it.

        Raises:
            CommandError: it failed.

        """
        result = self.result(args, cwd, additional_env)
        if result.code:
            raise create_command_error(result)
        return result

    def result(self, args: list[str], cwd: str, additional_env: Mapping[str, str]) -> automation.CommandResult:
        """Run a command to its end, and return what it did, whether it failed or not."""
        with subprocess.Popen(  # noqa: S603 - the CLI, with what the Automation API or this program asks it for
            [self.command, "--non-interactive", *args],
            cwd=cwd,
            env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            told = False
            while True:
                with suppress(subprocess.TimeoutExpired):
                    out, err = process.communicate(timeout=0.2)
                    return automation.CommandResult(stdout=out, stderr=err, code=process.returncode)
                if self.interrupted.is_set() and not told:
                    told = True
                    process.send_signal(signal.SIGINT)


class Deployment:
    """One action on the stacks, some at a time."""

    def __init__(self, action: str, parallel: int, save: Path | None = None) -> None:
        self.failed: list[str] = []
        """The stacks that failed."""
        self._action = action
        self._parallel = parallel
        self._save = save
        self._command = CommandLine()

    @property
    def interrupted(self) -> bool:
        """Whether nothing more is to be started."""
        return self._command.interrupted.is_set()

    def interrupt(self, *_: object) -> None:
        """Start nothing more, and let what runs come to its end; what a signal calls."""
        self._command.interrupted.set()
        say("interrupted: waiting for the requests in flight")

    def run_in_order(self, stacks: list[str]) -> None:
        """Run the action on these stacks: the types first, as the others read them, and at destroy last."""
        types = [each for each in stacks if each == TYPES]
        others = [each for each in stacks if each != TYPES]
        if self._action == "destroy":
            self._run(others)
            if not self.failed:
                self._run(types)
            return
        self._run(types)
        if self.failed:
            say(f"not started, as they need the types: {', '.join(others)}")
            return
        if untyped := self._untyped(others):
            self.failed += untyped
            say(f"not looked at, as their type is not there yet: {', '.join(untyped)}")
            say(f"run `python deploy.py up --only {TYPES}` first")
        self._run([each for each in others if each not in untyped])

    def _run(self, stacks: Iterable[str]) -> None:
        with ThreadPoolExecutor(self._parallel) as pool:
            for _ in pool.map(self._one, stacks):
                pass

    def _untyped(self, stacks: list[str]) -> list[str]:
        """Return those of the stacks that cannot run yet, as the stack of the types tells no id of theirs."""
        if self._action == "refresh" or self.interrupted or not stacks:
            return []
        found = self._command.result(["stack", "output", "--json", "--stack", TYPES], str(HERE), {})
        told = json.loads(found.stdout) if found.code == 0 else {}
        return [each for each in stacks if each not in told and not self.interrupted]

    def _one(self, name: str) -> None:
        if self.interrupted:
            return
        started = time.monotonic()
        try:
            told = self._act(name)
        except FailedError as error:
            self.failed.append(name)
            for reason in error.args:
                say(f"{name}: {'interrupted' if self.interrupted else 'failed'}: {reason}")
        else:
            say(f"{name}: {told} ({time.monotonic() - started:.1f} s)")

    def _act(self, name: str) -> str:
        reasons: list[str] = []

        def listen(event: EngineEvent) -> None:
            found = event.diagnostic_event
            if found and found.severity == "error":
                reasons.append(found.message)
            elif found and one_line(found.message).startswith("warning: "):
                say(f"{name}: {one_line(found.message)}")

        variables = settings(name, self._parallel, report=self._save is not None)
        options = automation.LocalWorkspaceOptions(pulumi_command=self._command, env_vars=variables)
        try:
            stack = automation.create_or_select_stack(name, work_dir=str(HERE), opts=options)
            if self._action == "preview":
                return self._previewed(name, variables)
            done = getattr(stack, self._action)(on_event=listen, color="never", suppress_outputs=True)
        except automation.CommandError as error:
            raise FailedError(*reasons_of(reasons, str(error))) from None
        return in_words(done.summary.resource_changes or {}, DONE)

    def _previewed(self, name: str, variables: Mapping[str, str]) -> str:
        # As JSON, which `pulumi-veza impact` reads, and which says who joins and who leaves as a plain preview does.
        command = ["preview", "--json", "--show-sames", "--stack", name]
        result = self._command.result(command, str(HERE), variables)
        try:
            preview = json.loads(result.stdout)
        except ValueError:
            raise FailedError(*reasons_of([], result.stderr)) from None
        said = preview.get("diagnostics", [])
        if result.code:
            errors = [each["message"] for each in said if each["severity"] == "error"]
            raise FailedError(*reasons_of(errors, result.stderr))
        for each in said:
            say(f"{name}: {one_line(each['message'])}")
        if self._save:
            (self._save / f"{name}.json").write_text(result.stdout, encoding="utf-8")
        return in_words(preview.get("changeSummary", {}), {**DONE, **TO_DO})


def settings(stack: str, parallel: int, *, report: bool) -> dict[str, str]:
    """Return variables for a stack: ``report`` names every removal that would be refused, not the first alone."""
    found = {}
    if stack != TYPES:
        # A profile that a killed run has made is found again, a type not on every tenant: docs/scale.md of pulumi-veza.
        found["PULUMI_SKIP_CHECKPOINTS"] = os.environ.get("PULUMI_SKIP_CHECKPOINTS", "true")
    limit = os.environ.get("VEZA_REQUESTS_PER_SECOND", "")
    if limit.replace(".", "", 1).isdecimal():
        # It is meant for all stacks together, and each is a process of its own.
        found["VEZA_REQUESTS_PER_SECOND"] = f"{float(limit) / parallel:g}"
    if report:
        found["VEZA_GUARD"] = "report"
    return found


def in_words(changes: Mapping[str, int], words: Mapping[str, str]) -> str:
    """Return how many resources were changed, or are to be."""
    return ", ".join(f"{changes[kind]:,} {word}" for kind, word in words.items() if changes.get(kind)) or "nothing"


def reasons_of(messages: Iterable[str], output: str) -> list[str]:
    """Return why a run failed, a line each: what the engine said of resources, or else what the CLI wrote."""
    found = [one_line(each).removeprefix("error: ") for each in messages]
    found = [each for each in dict.fromkeys(found) if each not in SUMMARIES]
    written = (one_line(each).partition("error: ")[2] for each in output.splitlines())
    return found or [each for each in written if each] or [one_line(output) or "the CLI gave no reason"]


def one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


def say(text: str) -> None:
    """Print a line as a whole, whichever thread prints another one."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def parsed(arguments: list[str] | None, everything: list[str]) -> argparse.Namespace:
    """Return what the command line asks for; a wrong one ends the program."""
    parser = argparse.ArgumentParser(description="Run all stacks of the organisation beside each other.")
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--parallel", type=int, default=4, metavar="N", help="how many stacks run at a time (4)")
    parser.add_argument("--only", nargs="+", metavar="STACK", default=everything, help="these stacks alone")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the previews, for `pulumi-veza impact`")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.only) - set(everything)):
        parser.error(f"there is no stack {', '.join(unknown)}; the stacks are {', '.join(everything)}")
    if options.parallel < 1:
        parser.error("--parallel is at least 1")
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        if foreign := [each.name for each in options.save.iterdir() if each.stem not in everything]:
            parser.error(f"{options.save} has {', '.join(sorted(foreign))}, which is of no stack: give an empty folder")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return its exit code."""
    try:
        everything = [TYPES, *shards()]
    except ValueError as error:
        say(str(error))
        return 2
    options = parsed(arguments, everything)
    if options.save:
        # What fails today must not be shown as it was yesterday.
        for each in everything:
            (options.save / f"{each}.json").unlink(missing_ok=True)
    deployment = Deployment(options.action, options.parallel, options.save)
    for sent in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sent, deployment.interrupt)
    deployment.run_in_order([each for each in everything if each in options.only])
    if deployment.interrupted:
        say("interrupted: run it again to go on")
        return 130
    if deployment.failed:
        say(f"failed: {', '.join(deployment.failed)}")
    return 1 if deployment.failed else 0


if __name__ == "__main__":
    sys.exit(main())
