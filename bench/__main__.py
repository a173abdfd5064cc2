"""The command: ``python -m bench``, or ``make bench``."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.measuring import Bench, steps
from bench.table import document


def main() -> None:
    """Measure the provider beside two that do nothing; show the progress on stderr, print the result as Markdown."""
    options = _options()
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
    samples = []
    with Bench(options.profiles) as bench, progress:
        planned = steps(options.rounds)
        task = progress.add_task("", total=len(planned))
        for step in planned:
            doing = f"round {step.round}, {step.operation.title}: {step.variant.title}"
            progress.update(task, description=doing)
            samples.append(bench.take(step))
            progress.advance(task)
            if not progress.console.is_terminal:
                progress.console.print(f"{doing}: {samples[-1].wall:.1f} s, {samples[-1].cpu:.1f} s of CPU")
        text = document(samples, profiles=options.profiles, cli_version=bench.cli_version, title=options.title)
    Console(soft_wrap=True).print(text, markup=False, highlight=False, end="")
    if options.output:
        options.output.write_text(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=main.__doc__)
    parser.add_argument("--profiles", type=_positive, default=1000, help="how many there are (default: 1000)")
    parser.add_argument("--rounds", type=_positive, default=2, help="how often everything is measured (default: 2)")
    parser.add_argument("--title", default="What the provider costs beside two that do nothing", help="the heading")
    parser.add_argument("--output", type=Path, help="a file to write the result to as well")
    return parser.parse_args()


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


if __name__ == "__main__":
    main()
