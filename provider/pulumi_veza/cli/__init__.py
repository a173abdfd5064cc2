"""The command line ``pulumi-veza``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; where its packages are missing, exit with one line that names them."""
    try:
        from pulumi_veza.cli.commands import application  # noqa: PLC0415 - the extra may be missing

        # What takes long to load is loaded by the command that needs it.
        application()
    except ModuleNotFoundError as error:
        sys.exit(missing_extra("cli", error))


def missing_extra(extra: str, error: ModuleNotFoundError) -> str:
    """Return the line for a command whose packages are not installed; raise an error that is not about them."""
    package = (error.name or "pulumi_veza").partition(".")[0]
    if package == "pulumi_veza":
        raise error
    return f"This needs the package {package!r}: pip install 'pulumi-veza[{extra}]'"
