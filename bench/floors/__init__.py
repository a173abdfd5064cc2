"""Dynamic providers that do nothing, with the resources that our program declares: the least that one can cost.

They import nothing of ours, and like ours they are pickled by reference, are no secret in the state, and diff inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pulumi import dynamic
from typing_extensions import override

PROVIDER = "__provider"
"""The property in which the SDK keeps the pickled provider."""


class Floor(dynamic.ResourceProvider):
    """A provider that accepts every input, keeps nothing anywhere and answers at once."""

    serialize_as_secret_always = False

    defaults: ClassVar[Mapping[str, Any]] = {}
    """Inputs that are added where the program has none."""
    computed: ClassVar[Mapping[str, Any]] = {}
    """Outputs beside the inputs."""

    @override
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        return dynamic.CheckResult({**self.defaults, **_present(news)}, [])

    @override
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        changes = any(_olds.get(name) != value for name, value in _news.items())
        return dynamic.DiffResult(changes=changes, replaces=[], delete_before_replace=False)

    @override
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        return dynamic.CreateResult(self.id(props), {**props, **self.outputs(props)})

    @override
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        inputs = {name: value for name, value in props.items() if name not in self.computed and name != PROVIDER}
        return dynamic.ReadResult(id_, props, inputs)

    @override
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult({**_news, **self.outputs(_news)})

    def id(self, props: Mapping[str, Any]) -> str:
        """Return the id of what the inputs describe."""
        return str(props.get("name") or f"members of {props['profile_id']}")

    def outputs(self, _props: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs beside the inputs."""
        return dict(self.computed)


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
