"""The simulator that plays the twin of a tenant: a process of its own on a free port of this machine."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import httpx
from typing_extensions import Self

from pulumi_veza.errors import TwinError, one_line

_READY: Final = re.compile(r"ready at (http://\S+)")
_SECONDS_TO_SEED: Final = 600.0
_SECONDS_TO_END: Final = 5.0
_OURS: Final = "VEZA_"
"""The beginning of the variables that name the tenant, its key, and how to talk to it."""


@dataclass(frozen=True)
class OpenedOnTwin:
    """An access request that a change of members opened on the twin."""

    operation: str
    identity_id: str
    profile_id: str
    profile: str
    """The profile's name."""


class TwinServer:
    """A running twin; a context manager that ends it.

    Args:
        like: A file of `pulumi-veza doctor --learn`, by which the twin answers as its tenant does.

    Raises:
        TwinError: it does not start. The message is one line.

    """

    def __init__(self, like: Path | None = None) -> None:
        self._like = ["--like", str(like.resolve())] if like else []
        self.key = secrets.token_hex(16)
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "veza_simulator", "--quiet", "--port", "0", "--seed", "empty"]
        # A group of its own: Ctrl-C goes to this process, which ends the twin after those who talk to it.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with our own arguments
            [*command, "--token", self.key, *self._like],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
            start_new_session=True,
        )
        try:
            self.url = self._wait_until_ready()
            self._http = httpx.Client(base_url=f"{self.url}/_simulator", timeout=_SECONDS_TO_SEED, trust_env=False)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._end()

    def _wait_until_ready(self) -> str:
        ready = _READY.search(self._process.stdout.readline() if self._process.stdout else "")
        if ready is None:
            _, printed = self._process.communicate()
            raise TwinError(f"the twin did not start: {one_line(printed) or 'it printed nothing'}")
        return ready[1]

    def seed(self, document: Mapping[str, Any]) -> None:
        """Fill it with a twin's document.

        Raises:
            TwinError: the document is not one that the simulator reads; the text names the place in it.

        """
        self._call("POST", "seed", document)

    def access_requests(self) -> list[OpenedOnTwin]:
        """Return the access requests that were opened, oldest first."""
        return [
            OpenedOnTwin(each["type"], each["identity_id"], each["access_profile_id"], each["access_profile_name"])
            for each in self._call("GET", "access_requests")["values"]
        ]

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            response = self._http.request(method, path, json=body)
            found = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise TwinError(f"the twin ended too early: {one_line(str(error))}; run it again") from None
        if response.status_code != HTTPStatus.OK:
            message = found.get("message") if isinstance(found, Mapping) else None
            raise TwinError(
                f"the twin was refused by the simulator: {one_line(str(message))}; write its file again with "
                "`pulumi-veza export --twin`"
            )
        return found

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
