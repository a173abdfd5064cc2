"""What a command prints: its options, where the text goes, and the line about a failure."""

from __future__ import annotations

import codecs
import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import typer

from pulumi_veza.cli import exits
from pulumi_veza.cli.ending import drop_output
from pulumi_veza.errors import SettingsError, UnwritableFileError, VezaError
from pulumi_veza.reports.failing import FailCondition, FailConditions, reasons
from pulumi_veza.reports.files import writing
from pulumi_veza.reports.options import RenderOptions

D = TypeVar("D")

_OF_WRITING: Final = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG})
"""What reading never ends with."""
_JSON: Final = frozenset({"json", "sarif"})
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def format_option(formats: Mapping[str, Any], help_: str) -> Any:
    """Return the option ``--format`` for renderings by name."""
    return typer.Option(help=f"{help_}: {', '.join(formats)}.", metavar="NAME")


def rendering(formats: Mapping[str, Callable[..., str]], name: str) -> Callable[..., str]:
    """Return the rendering of a name.

    Raises:
        typer.BadParameter: there is none.

    """
    if name not in formats:
        raise typer.BadParameter(f"--format {name}: there is no such format; write one of {', '.join(formats)}")
    return formats[name]


def fail_conditions(known: FailConditions[D], texts: Iterable[str]) -> list[FailCondition[D]]:
    """Return the conditions of ``--fail-on``.

    Raises:
        typer.BadParameter: one of them does not exist.

    """
    try:
        return known.parse(texts)
    except VezaError as error:
        raise typer.BadParameter(str(error)) from None


def conditions_met(document: D, wanted: Iterable[FailCondition[D]], *, by_default: bool = False) -> bool:
    """Return whether a document meets a condition of ``--fail-on``; print each that it meets with the reason.

    Args:
        document: The document.
        wanted: The conditions.
        by_default: Whether nobody has written them, so that they are not named as if somebody had.

    """
    found = reasons(document, wanted)
    for condition, reason in found.items():
        if by_default:
            said = f"Found: {reason}. Exits with 1; with `--fail-on never`, with 0"
        else:
            said = f"--fail-on {condition}: {reason}"
        typer.echo(said, err=True)
    return bool(found)


def render_options(output: Path | None, **chosen: Any) -> RenderOptions:
    """Return the options of a rendering: as wide and colourful as the terminal, where it goes to one."""
    terminal = output is None and sys.stdout.isatty()
    asked = terminal or os.environ.get("COLUMNS")
    width = shutil.get_terminal_size((RenderOptions.width, 24)).columns if asked else RenderOptions.width
    return RenderOptions(width=width, color=terminal, **chosen)


def write(text: str, output: Path | None, format_: str = "") -> None:
    """Write to a file as UTF-8, or to the standard output in whatever encoding that has.

    Args:
        text: What to write.
        output: The file, or None.
        format_: The rendering's name: JSON is escaped for a standard output that is not UTF-8, so that any reader can
            parse it.

    Raises:
        UnwritableFileError: the file, or the standard output, cannot be written.

    """
    if output is None:
        _write_to_stdout(_NOT_ASCII.sub(_escaped, text) if format_ in _JSON and not _is_utf_8(sys.stdout) else text)
        return
    with writing(output):
        output.write_text(text, encoding="utf-8", errors="backslashreplace")


def _write_to_stdout(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The exit code is that of what was found, however much of it was read.
        drop_output()
    except OSError as error:
        drop_output()
        raise UnwritableFileError(f"cannot write to the standard output: {error.strerror or error}") from None


def _is_utf_8(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding or "ascii").name == "utf-8"


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


@contextmanager
def failing_to(do: str) -> Iterator[None]:
    """Print in one line why the command could not ``do`` what was asked, and exit with ``NOT_CHECKED``."""
    try:
        yield
    except SettingsError as error:
        # A command knows no stack's configuration, unless it says so itself.
        reason = error.in_environment
    except VezaError as error:
        reason = str(error)
    except UnicodeDecodeError as error:
        reason = f"a file is not text ({error.reason}); give one that a command wrote as UTF-8"
    except OSError as error:
        verb = "write" if error.errno in _OF_WRITING else "read"
        reason = f"cannot {verb} {error.filename or 'a file'}: {error.strerror or error}"
    else:
        return
    typer.echo(f"could not {do}: {reason}", err=True)
    raise typer.Exit(exits.NOT_CHECKED)
