"""Growth as a plot: how long each operation takes, ours and the floors, against the number of profiles."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bench.programs import VARIANTS
from bench.sample import Sample
from bench.table import Samples, wall

COLUMNS = 3


def draw(samples: Sequence[Sample], files: Sequence[Path]) -> None:
    """Write the plot into each file, in the format of its ending; needs ``bench/requirements.txt``."""
    # Only the plot needs it, and it is large.
    mpl = import_module("matplotlib")
    mpl.use("agg")
    plt = import_module("matplotlib.pyplot")

    taken = Samples(samples)
    rows = -(-len(taken.operations) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(4 * COLUMNS, 3 * rows), squeeze=False, layout="constrained")
    for axis, operation in zip(axes.flat, taken.operations, strict=False):
        for variant in VARIANTS:
            sizes = [load.profiles for load in taken.loads]
            seconds = [taken.median(load, operation, variant, wall) for load in taken.loads]
            axis.plot(sizes, seconds, marker="o", label=variant.title)
        axis.set(title=operation, xlabel="profiles", ylabel="seconds", xlim=0, ylim=0)
        axis.legend()
    for axis in axes.flat[len(taken.operations) :]:
        axis.set_visible(False)
    for file in files:
        # The same samples are the same file.
        figure.savefig(file, dpi=100, metadata={"Date": None} if file.suffix == ".svg" else None)
    plt.close(figure)
