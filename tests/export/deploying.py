"""Run a program as the engine would, in this process: every resource is checked and created by its provider."""

from __future__ import annotations

import runpy
import sys
from typing import Any

import pulumi

from pulumi_veza.resources import KINDS


class Deploying(pulumi.runtime.Mocks):
    """Creates each resource when it is registered."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        resource = next(each for each in KINDS if args.typ.endswith(f":{each.__name__}"))
        provider = resource._provider_class()
        checked = provider.check({}, {name: value for name, value in args.inputs.items() if value is not None})
        if checked.failures:
            raise ValueError(f"{args.name}: {checked.failures[0].reason}")
        made = provider.create(checked.inputs)
        return made.id, dict(made.outs or {})

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]]]:
        raise NotImplementedError(args.token)


@pulumi.runtime.test
def main() -> None:
    runpy.run_path("__main__.py", run_name="__main__")


if __name__ == "__main__":
    pulumi.runtime.set_mocks(Deploying(), preview=False)
    sys.path.insert(0, sys.argv[1])
    main()
