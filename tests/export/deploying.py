"""Run a program in this process, as the engine would: what it declares is checked, and then created or compared."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi

from pulumi_veza.provider.shell import Provider
from pulumi_veza.resources import KINDS

State = dict[Any, Any]


class Running(pulumi.runtime.Mocks):
    """Checks each resource when it is registered."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, State]:
        resource = next(each for each in KINDS if args.typ.endswith(f":{each.__name__}"))
        provider = resource._provider_class()
        checked = provider.check({}, {name: value for name, value in args.inputs.items() if value is not None})
        if checked.failures:
            raise ValueError(f"{args.name}: {checked.failures[0].reason}")
        return self.registered(provider, f"{args.typ}::{args.name}", checked.inputs)

    def registered(self, provider: Provider, urn: str, inputs: State) -> tuple[str | None, State]:
        """Return the id and the outputs of a resource."""
        assert urn
        made = provider.create(inputs)
        return made.id, dict(made.outs or {})

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[State, list[tuple[str, str]]]:
        raise NotImplementedError(args.token)


class Previewing(Running):
    """Compares each resource with the state that ``import.json`` makes; nothing is created."""

    def __init__(self) -> None:
        entries = json.loads(Path("import.json").read_text())["resources"]
        self.state = {f"{each['type']}::{each['name']}": each for each in entries}

    def registered(self, provider: Provider, urn: str, inputs: State) -> tuple[str | None, State]:
        held = self.state.pop(urn)
        if provider.diff(held["id"], held["outputs"], inputs).changes:
            outputs = {name: held["outputs"].get(name) for name in inputs}
            raise ValueError(f"{urn} would be changed: {outputs} -> {inputs}")
        return held["id"], {name: value for name, value in held["outputs"].items() if name != "__provider"}


@pulumi.runtime.test
def main() -> None:
    runpy.run_path("__main__.py", run_name="__main__")


if __name__ == "__main__":
    run = Previewing() if sys.argv[1:] == ["preview"] else Running()
    pulumi.runtime.set_mocks(run, preview=False)
    sys.path.insert(0, "")
    main()
    if isinstance(run, Previewing) and run.state:
        raise ValueError(f"the program does not declare {', '.join(run.state)}")
