"""What every command reads, where it writes, and how it says that it could not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from pulumi_veza.cli import exits
from pulumi_veza.errors import SettingsError, UnwritableFileError, VezaError


@contextmanager
def or_could_not(do: str) -> Iterator[None]:
    """Say in one line why it could not ``do`` what was asked, and end with ``NOT_CHECKED``."""
    try:
        yield
    except SettingsError as error:
        reason = f"{error}; of these ways a command has the environment alone, for it knows no stack's configuration"
    except VezaError as error:
        reason = str(error)
    except UnicodeDecodeError as error:
        reason = f"a file is not text ({error.reason}); give one that a command wrote as UTF-8"
    except OSError as error:
        reason = f"cannot read {error.filename or 'a file'}: {error.strerror or error}"
    else:
        return
    typer.echo(f"could not {do}: {reason}", err=True)
    raise typer.Exit(exits.NOT_CHECKED)


def read(file: Path) -> tuple[str, str]:
    """Give what a file holds, ``-`` being the standard input, and what to call it in a message."""
    if str(file) == "-":
        return sys.stdin.read(), "the standard input"
    return file.read_text(encoding="utf-8"), str(file)


def write(text: str, output: Path | None) -> None:
    """Write to a file, or to the standard output."""
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableFileError(f"cannot write {output}: {error.strerror or error}") from None
