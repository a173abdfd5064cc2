"""The plugin as a process, its calls as methods in plain values."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_veza.provider.shell import Resource

Json = dict[str, Any]

UNKNOWN = rpc.UNKNOWN
"""How the engine writes a value that is not known yet."""


def secret(value: Any) -> Json:
    """Return a value of the stack's configuration as the engine sends a secret one."""
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def blob(resource: type[Resource]) -> str:
    """Return the provider of a kind as it is in every state."""
    return str(serialize_provider(resource._provider_class()))


@dataclass(frozen=True)
class Checked:
    inputs: Json
    failures: list[tuple[str, str]]


@dataclass(frozen=True)
class Differs:
    changes: bool
    replaces: list[str]
    delete_before_replace: bool


class Plugin:
    """One process of the plugin: a run."""

    def __init__(self, environment: Mapping[str, str], config: Mapping[str, Any] | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "VEZA_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.dynamic"],
            env={**kept, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.said = ""
        self.configure(config or {})

    def __enter__(self) -> Plugin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; what it told the user is in ``said`` then."""
        self._channel.close()
        self._process.terminate()
        _, self.said = self._process.communicate(timeout=20)

    def configure(self, config: Mapping[str, Any]) -> None:
        answer = self._stub.Configure(provider_pb2.ConfigureRequest(args=_struct(config)))
        # So the engine sends every secret as what it holds, and makes the outputs of the same name secret again.
        assert answer.acceptSecrets is False

    def check(self, resource: type[Resource], news: Json, olds: Json | None = None) -> Checked:
        request = provider_pb2.CheckRequest(olds=self._props(resource, olds or {}), news=self._props(resource, news))
        answer = self._stub.Check(request)
        return Checked(_values(answer.inputs), [(each.property, each.reason) for each in answer.failures])

    def diff(self, resource: type[Resource], id_: str, olds: Json, news: Json) -> Differs:
        request = provider_pb2.DiffRequest(id=id_, olds=self._props(resource, olds), news=self._props(resource, news))
        answer = self._stub.Diff(request)
        assert answer.changes != provider_pb2.DiffResponse.DIFF_UNKNOWN
        changes = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return Differs(changes, list(answer.replaces), answer.deleteBeforeReplace)

    def create(self, resource: type[Resource], inputs: Json) -> tuple[str, Json]:
        answer = self._stub.Create(provider_pb2.CreateRequest(properties=self._props(resource, inputs)))
        return answer.id, _values(answer.properties)

    def read(self, resource: type[Resource], id_: str, olds: Json) -> tuple[str, Json, Json | None]:
        answer = self._stub.Read(provider_pb2.ReadRequest(id=id_, properties=self._props(resource, olds)))
        return answer.id, _values(answer.properties), _values(answer.inputs) if answer.HasField("inputs") else None

    def update(self, resource: type[Resource], id_: str, olds: Json, news: Json) -> Json:
        request = provider_pb2.UpdateRequest(id=id_, olds=self._props(resource, olds), news=self._props(resource, news))
        return _values(self._stub.Update(request).properties)

    def delete(self, resource: type[Resource], id_: str, olds: Json) -> None:
        self._stub.Delete(provider_pb2.DeleteRequest(id=id_, properties=self._props(resource, olds)))

    def _props(self, resource: type[Resource], values: Json) -> Struct:
        return _struct({**values, PROVIDER_KEY: blob(resource)})


def refusal(error: grpc.RpcError) -> str:
    """Return what the engine shows of a call that failed."""
    return str(error.details())


def _struct(values: Mapping[str, Any]) -> Struct:
    return json_format.ParseDict(dict(values), Struct())


def _values(struct: Struct) -> Json:
    values: Json = json_format.MessageToDict(struct)
    values.pop(PROVIDER_KEY, None)
    return values
