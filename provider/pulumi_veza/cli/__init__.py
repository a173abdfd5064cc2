"""The command line ``pulumi-veza``."""

from __future__ import annotations

import sys

import pulumi_veza_cli
from pulumi_veza.cli import exits


def main() -> None:
    """Run the command line; where its packages are missing, exit with one line that names them."""
    from pulumi_veza.cli import ending  # noqa: PLC0415 - it imports this package

    pulumi_veza_cli.keep_interrupts()
    ending.write_any_text()
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(pulumi_veza_cli.interrupted())
    except Exception as error:  # noqa: BLE001 - whatever nobody foresaw
        sys.exit(ending.crashed(error))


def _run() -> None:
    try:
        from pulumi_veza.cli.commands import application  # noqa: PLC0415 - the extra may be missing

        # What takes long to load is loaded by the command that needs it.
        application()
    except ModuleNotFoundError as error:
        end_without(error)


def end_without(error: ModuleNotFoundError, extra: str | None = None) -> None:
    """Exit with the line for a command whose packages are not installed; raise an error that is not about them."""
    print(missing_package(error, extra), file=sys.stderr)  # noqa: T201 - the command's output
    sys.exit(exits.NOT_CHECKED)


def missing_package(error: ModuleNotFoundError, extra: str | None = None) -> str:
    """Return the line for a command whose packages are not installed; raise an error that is not about them.

    ``extra`` is the extra that the command needs. Without one the package belongs to every installation. Its module may
    have another name than its distribution, so that the line names no distribution.
    """
    package = (error.name or "pulumi_veza").partition(".")[0]
    if package == "pulumi_veza":
        raise error
    if extra:
        return f"This needs the package {package!r}: pip install '.[{extra}]', in a checkout of pulumi-veza"
    return (
        f"This needs the package {package!r}, which pulumi-veza was installed without: `pip check` lists what is "
        "missing, to be installed by its name"
    )
