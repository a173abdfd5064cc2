"""What `pulumi-veza impact` keeps of the preview that it runs: for the policies, and for `pulumi up`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import typer

from pulumi_veza.cli import inputs, outputs
from pulumi_veza.cli.inputs import Input
from pulumi_veza.plan.records import Record, elements
from pulumi_veza.reports.words import listed


@dataclass(frozen=True)
class Saving:
    """The files of ``--save-preview`` and ``--save-plan``."""

    json: Path | None = None
    plan: Path | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything is to be saved."""
        return bool(self.json or self.plan)

    def preview(self, stack: str | None, folder: Path | None) -> Input:
        """Preview a stack and save what is wanted of it.

        Raises:
            EngineCommandError: there is no ``pulumi``, or the preview failed. The message is one line.
            UnwritableFileError: the file cannot be written.

        """
        if self.plan:
            # A plan of an earlier run is none of this preview.
            self.plan.unlink(missing_ok=True)
        found = inputs.preview(stack, folder, save_plan=self.plan)
        if self.json:
            outputs.write(found.text, self.json)
        return found

    def drop_unusable_plan(self, records: Iterable[Record]) -> None:
        """Remove the plan where `pulumi up` would refuse its own change, and print why.

        A set is a map by ids in the state. The plan has another key for an id that is known only during `pulumi up`, so
        the engine takes the id itself for something that was not planned.
        """
        if self.plan is None:
            return
        unknown = {
            f"{record.kind} {record.name!r}"
            for record in records
            if record.kind and record.new_inputs
            for field in record.schema
            if field.is_set and elements(record.new_inputs.get(field.name)).unknown
        }
        if unknown:
            self.plan.unlink(missing_ok=True)
            typer.echo(
                f"no plan is saved: {listed(unknown, most=5)} will list ids that are known only during `pulumi up`, "
                "which no plan can hold",
                err=True,
            )
