"""Calls of the real plugin process, one by one: what the engine would show of each, without its own seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc

import pulumi_veza as veza
from tests.witness.recorder import Recorder
from tests.witness.supported import Json, Plugin, refusal

_NAME = "__name"
_SECRETS = "__secrets"


class Calls:
    """The calls of one run; each is recorded with what it refuses, and returns what it answers."""

    def __init__(self, recorder: Recorder, plugin: Plugin) -> None:
        self._recorder = recorder
        self._plugin = plugin

    def check(
        self, kind: str, resource_name: str, olds: Json | None = None, /, concealed: str = "", **arguments: Any
    ) -> Json:
        """Check the arguments of a resource; returns the inputs."""
        secrets = {_SECRETS: [concealed]} if concealed else {}
        written = {**arguments, _NAME: resource_name, **secrets}
        checked = self._plugin.check(getattr(veza, kind), written, olds)
        for named, reason in checked.failures:
            self._recorder.note(f"check of {kind} {resource_name!r}: {f'{named}: ' if named else ''}{reason}\n")
        return checked.inputs

    def diff(self, kind: str, name: str, id_: str, olds: Json, news: Json) -> None:
        """Compare what the state holds with what the program says now."""
        self._tried(f"diff of {kind} {name!r}", lambda: self._plugin.diff(getattr(veza, kind), id_, olds, news))

    def create(self, kind: str, resource_name: str, /, **arguments: Any) -> tuple[str, Json]:
        """Check and create a resource; returns its id and its outputs."""
        inputs = self.check(kind, resource_name, **arguments)
        made = self._tried(
            f"create of {kind} {resource_name!r}", lambda: self._plugin.create(getattr(veza, kind), inputs)
        )
        return made or ("", {})

    def update(self, kind: str, resource_name: str, id_: str, olds: Json, /, **arguments: Any) -> Json:
        """Check and update a resource; returns its outputs."""
        inputs = self.check(kind, resource_name, olds, **arguments)
        made = self._tried(
            f"update of {kind} {resource_name!r}", lambda: self._plugin.update(getattr(veza, kind), id_, olds, inputs)
        )
        return made or {}

    def read(self, kind: str, name: str, id_: str, olds: Json) -> None:
        """Read a resource."""
        self._tried(f"read of {kind} {name!r}", lambda: self._plugin.read(getattr(veza, kind), id_, olds))

    def delete(self, kind: str, name: str, id_: str, olds: Json) -> None:
        """Delete a resource."""
        self._tried(f"delete of {kind} {name!r}", lambda: self._plugin.delete(getattr(veza, kind), id_, olds))

    def _tried(self, what: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except grpc.RpcError as error:
            self._recorder.note(f"{what}: {refusal(error)}\n")
            return None


@contextmanager
def calls(recorder: Recorder, **environment: str) -> Iterator[Calls]:
    """Start a run; what it told the user beside its answers is recorded at its end."""
    settings: Mapping[str, str] = {**recorder.tenant.env(), **environment}
    plugin = Plugin(settings)
    try:
        yield Calls(recorder, plugin)
    finally:
        plugin.close()
        said = sorted(line for line in plugin.said.splitlines() if line.startswith(("info: ", "warning: ")))
        if said:
            recorder.note("\n".join(["told beside that:", *said]) + "\n")
