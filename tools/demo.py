"""Show the provider at work, offline: a simulated Veza tenant, the quickstart, and the real Pulumi CLI.

All files are in ``.demo/``, and every run starts anew. All processes end with the demo, also on Ctrl-C.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

ROOT = Path(__file__).resolve().parents[1]
QUICKSTART = ROOT / "examples" / "quickstart"
INSTALLER = ROOT / "tools" / "engine" / "install.py"
KEY = "simulator-key"
STACK = "demo"
ONLY_CHANGES = "grep ' [-+~] '"
INTERRUPTED = 130
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoError(Exception):
    """The demo cannot go on; the message is the one line that the user sees."""


class Processes:
    """The processes of the demo, with everything that they started.

    Each process has a session of its own, so that Ctrl-C interrupts the demo alone, and that the processes which it
    started are found by the session, whatever their process group.
    """

    def __init__(self) -> None:
        self._sessions: set[int] = set()

    def start(self, command: list[str], env: Mapping[str, str], cwd: Path, stderr: int | None) -> subprocess.Popen[str]:
        """Start a process with its standard output as a pipe."""
        started = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._sessions.add(started.pid)
        return started

    def ended(self, process: subprocess.Popen[str]) -> None:
        """Forget a process that has ended by itself."""
        self._sessions.discard(process.pid)

    def end_all(self) -> None:
        """Kill all processes; they need not end cleanly, as the next run starts anew."""
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        # An interrupt may have come between the start of a process and its registration.
        self._sessions |= {child.pid for child in psutil.Process().children()}
        while alive := [process for process in psutil.process_iter() if self._is_ours(process)]:
            for process in alive:
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(alive, timeout=1)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return os.getsid(process.pid) in self._sessions and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, psutil.Error):
            return False


class Stage:
    """The output of the demo."""

    def __init__(self) -> None:
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._number = 0

    def step(self, headline: str, why: str) -> None:
        """Print the headline of a step and the reason for it."""
        self._number += 1
        print(f"\n{self._bold(f'{self._number}. {headline}')}\n{why}", flush=True)

    def command(self, text: str) -> None:
        """Print a command that is run."""
        print(f"\n{self._bold(f'$ {text}')}", flush=True)

    def line(self, text: str) -> None:
        """Print a line of output."""
        print(text, end="", flush=True)

    def _bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self.colour else text


class Demo:
    """One run of the demo."""

    def __init__(self, folder: Path, stage: Stage, processes: Processes) -> None:
        self.folder = folder
        self.project = folder / "quickstart"
        self.database = folder / "tenant.db"
        self.environment_file = folder / "env.sh"
        self._stage = stage
        self._processes = processes
        self._engine = find_engine()
        self._url = ""

    def prepare(self) -> None:
        """Create a fresh project folder; a program that the user changed is kept beside it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        program, played = QUICKSTART / "__main__.py", self.project / "__main__.py"
        if played.exists() and not filecmp.cmp(program, played, shallow=False):
            kept = self.folder / "quickstart-of-the-last-run.py"
            played.replace(kept)
            self._stage.line(f"The program that you changed is kept as {shown(kept)}.\n")
        for old in (self.project, self.folder / "state"):
            shutil.rmtree(old, ignore_errors=True)
        for old in self.folder.glob(f"{self.database.name}*"):
            old.unlink()
        (self.folder / "state").mkdir()
        self.project.mkdir()
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(QUICKSTART / name, self.project)

    def environment(self, url: str) -> dict[str, str]:
        """Return the environment variables of every command, which `env.sh` sets as well."""
        return {
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_STACK": STACK,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "VEZA_URL": url,
            "VEZA_API_KEY": KEY,
        }

    def _whole_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "VEZA_"))}
        return {
            **kept,
            **self.environment(self._url),
            "PATH": os.pathsep.join([*self._folders_on_path(), os.environ.get("PATH", os.defpath)]),
            "PULUMI_OPTION_COLOR": "always" if self._stage.colour else "never",
            "PULUMI_OPTION_SUPPRESS_PROGRESS": "true",
        }

    def _folders_on_path(self) -> list[str]:
        return [str(self._engine), str(Path(sys.executable).parent)]

    def write_environment_file(self) -> None:
        """Write `env.sh`, which prepares a shell, with the address that the tenant keeps."""
        path = ":".join(shlex.quote(folder) for folder in self._folders_on_path())
        variables = self.environment(self._url)
        lines = [f'export PATH={path}:"$PATH"']
        lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        self.environment_file.write_text("".join(f"{line}\n" for line in lines))

    @contextmanager
    def tenant(self) -> Iterator[None]:
        """Run the simulated tenant within the block."""
        command = ["pulumi-veza", "simulate", "--db", shown(self.database), "--port", "0", "--quiet"]
        self._stage.command(f"{shlex.join(command)} &")
        module = [sys.executable, "-m", "pulumi_veza.cli", *command[1:]]
        process = self._processes.start(module, {**os.environ}, Path.cwd(), None)
        assert process.stdout is not None  # noqa: S101 (it is a pipe)
        line = process.stdout.readline()
        self._stage.line(line)
        ready = re.search(r"http://\S+", line)
        if not ready:
            raise DemoError("The simulated tenant did not start: its own message is above.")
        self._url = ready[0]
        self.write_environment_file()
        yield
        process.terminate()
        process.wait(10)
        self._processes.ended(process)

    def run(self, command: str) -> None:
        """Run a command in the project folder and print it with its output."""
        self._stage.command(command)
        process = self._processes.start(
            ["bash", "-o", "pipefail", "-c", command], self._whole_environment(), self.project, subprocess.STDOUT
        )
        assert process.stdout is not None  # noqa: S101 (it is a pipe)
        for line in process.stdout:
            self._stage.line(line)
        if process.wait():
            raise DemoError(f"`{command}` ended with exit code {process.returncode}: its own message is above.")
        self._processes.ended(process)

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the control API of the simulated tenant."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}/_simulator/{path}", data, method=method)  # noqa: S310 (loopback)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.URLError as problem:
            raise DemoError(f"The simulated tenant did not do {method} {path}: {problem}.") from None

    def _profile(self, name: str) -> dict[str, Any]:
        found = [each for each in self.control("GET", "state")["profiles"] if each["name"] == name]
        if len(found) != 1:
            raise DemoError(f"The tenant has {len(found)} profiles named {name!r}, not one.")
        profile: dict[str, Any] = found[0]
        return profile

    def members(self, profile: str) -> list[str]:
        """Return the names of the members of a profile."""
        return sorted(each["identity_name"] for each in self._profile(profile)["versions"][0]["member_details"])

    def change_behind_its_back(self, profile: str, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Change a profile without Pulumi, and print the request."""
        target = f"profiles/{quote(self._profile(profile)['id'], safe='')}{path}"
        self._stage.command(f"curl -X {method} $VEZA_URL/_simulator/{target} -d {shlex.quote(json.dumps(body))}")
        self.control(method, target, body)


def find_engine() -> Path:
    """Return the folder that holds the Pulumi CLI."""
    found = subprocess.run([sys.executable, INSTALLER, "--no-build"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise DemoError(found.stderr.strip().splitlines()[-1])
    return Path(found.stdout.splitlines()[-1])


def shown(path: Path) -> str:
    """Return a path relative to the current folder, if it is inside."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def play(demo: Demo, stage: Stage) -> None:
    """Run the steps of the demo."""
    demo.prepare()
    stage.step(
        "A tenant and an empty stack",
        "The tenant is simulated: 30 people, 4 systems, no access profiles; nothing leaves this machine.\n"
        "The stack is where Pulumi remembers what it manages: here a folder of files.",
    )
    with demo.tenant():
        demo.run(f"pulumi stack init {STACK}")
        stage.step(
            "Preview: what would happen",
            f"The program is {shown(demo.project / '__main__.py')}: 2 types, 3 profiles, their content and members. "
            "Nothing is changed yet.",
        )
        demo.run("pulumi preview")
        stage.step("Up: make it so", "Types first, then the profiles, then who is a member.")
        demo.run("pulumi up --yes --skip-preview")
        stage.step("Up again: nothing to do", "The same program over the same tenant must change nothing, or it fails.")
        demo.run("pulumi up --yes --skip-preview --expect-no-changes --suppress-outputs")
        stage.step(
            "Somebody works past it, by hand",
            "Rosa from Finance is made an Account Executive, and the labels of CRM Seller are edited.",
        )
        demo.change_behind_its_back("Account Executive", "POST", "/members", {"add": ["id-rosa.conti"]})
        demo.change_behind_its_back("CRM Seller", "PATCH", "", {"labels": ["sales", "everybody"]})
        stage.step(
            "Refresh: what is different now",
            "Pulumi reads the tenant and shows what changed since, each member and label by itself.",
        )
        demo.run(f"pulumi refresh --yes --skip-preview --diff | {ONLY_CHANGES}")
        stage.step("Up: back to what the program says", "Rosa loses what nobody approved; the labels are restored.")
        demo.run("pulumi up --yes --skip-preview --suppress-outputs")
        stage.line(f"In the tenant, Account Executive has again: {', '.join(demo.members('Account Executive'))}.\n")


def closing(demo: Demo) -> str:
    """Return the text on what the user can do next."""
    env_file, program = demo.environment_file, shown(demo.project / "__main__.py")
    return f"""
Keep playing. In one terminal, the same tenant again:

    . {shlex.quote(shown(env_file))}
    pulumi-veza simulate --db {shlex.quote(shown(demo.database))}

In another:

    . {shlex.quote(shown(env_file))}
    cd {shlex.quote(shown(demo.project))}
    pulumi preview --diff

Change {program} and preview again:

    the removal guard   take two people out of "sellers"; the refusal prints what confirms it
    an error            write state="RUNING" into a profile
    a replacement       change max_entitlements of the first type: Veza cannot update a type
    drift               curl -X DELETE $VEZA_URL/_simulator/profiles/$(pulumi stack output seller_profile)
                        and then pulumi refresh: gone is gone, and the next up creates it again
    people and access   pulumi-veza impact: who would gain and lose what; --format html --output impact.html for a page
    guardrails          pulumi preview --policy-pack "$(pulumi-veza policy-pack)"
    inheritance         pulumi-veza graph
    the end             pulumi destroy: members are removed, profiles paused, types stay, for Veza deletes nothing

With your own tenant, in a project of your own (README.md, "First stack"):

    export VEZA_URL=https://TENANT.vezacloud.com VEZA_API_KEY=...

or, kept with the stack: `pulumi config set veza:url URL` and `pulumi config set --secret veza:apiKey`. Prefer the
environment for the key: then it is in no file, and not in the engine's own debug log either.

The next `make demo` starts anew.
"""  # noqa: S608 (no SQL, but words for people)


def interrupted(*_: object) -> None:
    """Handle a signal to end like Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo; the exit code is 130 when it was interrupted."""
    parser = argparse.ArgumentParser(description="Show the provider at work, offline.")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where everything is kept (.demo)")
    options = parser.parse_args()
    for number in STOPPING:
        signal.signal(number, interrupted)
    processes, stage, started = Processes(), Stage(), time.monotonic()
    try:
        try:
            demo = Demo(options.folder.resolve(), stage, processes)
            play(demo, stage)
        finally:
            processes.end_all()
        stage.line(f"\nThat was all, in {time.monotonic() - started:.0f} s.\n{closing(demo)}")
    except KeyboardInterrupt:
        print("\nInterrupted: everything that was started has ended. `make demo` starts anew.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader is gone; without this, Python prints another error when it flushes the stream at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (DemoError, OSError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
