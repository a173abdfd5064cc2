"""The command: ``python -m bench``, or ``make bench``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import commands, imports, plot, report, sample
from bench.measuring import Bench
from bench.series import SERIES, Series, series

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

FILE = Path("build/bench.jsonl")
Samples: TypeAlias = Annotated[Path, typer.Option("--samples", help="The file that keeps what was measured.")]
Names: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"Which series: {', '.join(each.name for each in SERIES)}, {commands.NAME}; without any, profiles.",
        metavar="SERIES",
    ),
]


@app.command()
def measure(
    names: Names = None,
    samples: Samples = FILE,
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is measured.")] = 3,
    profiles: Annotated[int | None, typer.Option(min=1, help="This many instead of the series' own numbers.")] = None,
) -> None:
    """Measure series and add the results to a file; progress goes to stderr."""
    for name in names or ["profiles"]:
        if name == commands.NAME:
            _measure_commands(rounds, samples, profiles)
            continue
        chosen = series(name)
        _measure(chosen if profiles is None else chosen.sized(profiles), rounds, samples)


@app.command(name="report")
def show(
    samples: Samples = FILE,
    title: Annotated[str, typer.Option(help="The heading.")] = "What the provider costs beside two that do nothing",
    output: Annotated[Path | None, typer.Option(help="A file to write it to as well.")] = None,
) -> None:
    """Print what was measured as Markdown."""
    text = report.document(sample.load(samples), title=title)
    Console(soft_wrap=True).print(text, markup=False, highlight=False, end="")
    if output:
        output.write_text(text)


@app.command(name="plot")
def draw(
    files: Annotated[list[Path], typer.Argument(help="Where to write it: files that end in .png or .svg.")],
    samples: Samples = FILE,
    of: Annotated[str, typer.Option("--series", help="Whose growth.")] = "growth",
) -> None:
    """Draw how the operations grow with the number of profiles."""
    plot.draw([each for each in sample.load(samples) if each.series == of], files)


@app.command(name="imports")
def measure_imports() -> None:
    """Print what importing the provider adds to importing Pulumi."""
    without, with_ours = imports.measure()
    typer.echo(f"import pulumi: {without:.0f} ms of CPU; with pulumi_veza {with_ours - without:.0f} ms more")


def _measure_commands(rounds: int, file: Path, profiles: int | None) -> None:
    loads = commands.LOADS if profiles is None else (replace(commands.LOADS[0], profiles=profiles),)
    for taken in commands.measure(loads, rounds):
        sample.save([taken], file)
        typer.echo(f"{taken.load.title}, {taken.operation}: {taken.wall:.1f} s, {taken.cpu:.1f} s of CPU", err=True)


def _measure(chosen: Series, rounds: int, file: Path) -> None:
    progress = Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with Bench(chosen) as bench, progress:
        planned = chosen.steps(rounds)
        task = progress.add_task("", total=len(planned))
        for step in planned:
            doing = f"round {step.round}, {step.load.title}, {step.operation.title}: {step.variant.title}"
            progress.update(task, description=doing)
            taken = bench.take(step)
            sample.save([taken], file)
            progress.advance(task)
            if not progress.console.is_terminal:
                progress.console.print(f"{doing}: {taken.wall:.1f} s, {taken.cpu:.1f} s of CPU")


if __name__ == "__main__":
    app()
