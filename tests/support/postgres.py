"""A PostgreSQL server of the test's own, started from what is installed: for states that are kept in a database.

PostgreSQL refuses to run as root, so there it runs as the user that its package has made, or else as ``nobody``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from typing_extensions import Self

USER = "states"
PASSWORD = "a-password-of-the-database"  # noqa: S105 - opens a server of a test
HOST = "127.0.0.1"
MISSING = "there is no PostgreSQL server here: apt-get install postgresql"


def installed() -> Path | None:
    """Return the folder with ``initdb`` and ``pg_ctl``, of the newest version, or None where there is none."""
    of_debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True
    )
    on_the_path = shutil.which("pg_ctl")
    for folder in (*of_debian, *([Path(on_the_path).resolve().parent] if on_the_path else [])):
        if all((folder / program).is_file() for program in ("initdb", "pg_ctl", "psql")):
            return folder
    return None


class Postgres:
    """A running server with an empty database, on a free port of this machine. Use it as a context manager."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._as = _unprivileged()
        # Not the test's own folder: that is not to be entered by another user.
        self.folder = Path(tempfile.mkdtemp(prefix="veza-postgres-"))
        self.port = _free_port()

    def __enter__(self) -> Self:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self._as:
            for each in (self.folder, password):
                shutil.chown(each, self._as)
        initialised = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}", "--no-sync"]
        self._run("initdb", "--pgdata", str(self._data), *initialised)
        options = f"-p {self.port} -k {self.folder} -c listen_addresses={HOST} -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(self._data), "--log", log, "--options", options)
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode", "immediate", "--pgdata", str(self._data))
        shutil.rmtree(self.folder)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def backend(self) -> str:
        """The address of the backend, without a password."""
        return f"postgres://{USER}@{HOST}:{self.port}/postgres?sslmode=disable"

    def query(self, statement: str) -> list[str]:
        """Return the first column of what a statement answers."""
        address = ["--host", HOST, "--port", str(self.port), "--username", USER, "--dbname", "postgres"]
        return self._run("psql", *address, "--no-psqlrc", "--tuples-only", "--no-align", "--command", statement).split()

    def _run(self, program: str, *arguments: str) -> str:
        # Its messages go into a file: what pg_ctl starts keeps the standard error open.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                stdout=subprocess.PIPE if program == "psql" else said,
                stderr=said,
                text=True,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGPASSWORD": PASSWORD},
                user=self._as,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, f"{program}: {said.read().decode()}"
        return done.stdout or ""


def _unprivileged() -> str | None:
    """Return the user that a server is to run as, or None where it may run as this one."""
    if os.geteuid():
        return None
    users = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
