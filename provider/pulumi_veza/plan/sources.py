"""Where a program declares its resources, by the stack traces that the engine keeps of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final
from urllib.parse import unquote

from pulumi_veza.reports.findings import Source

_RUNNER: Final = "pulumi-language-python-exec"
"""The engine's file that runs a program: its frame and those around it are not of the program."""

_INSTALLED: Final = re.compile(r"/(?:site|dist)-packages/|/python3(?:\.\d+)?/|/pulumi_veza/")
"""Parts of the paths of installed packages, of Python's own modules, and of this package."""


def source(state: Mapping[str, Any], shared: Sequence[Source] = ()) -> Source | None:
    """Return where the program declares a resource, or None where the engine does not say.

    That is the outermost line of the project, as a reader of the program finds it: the call of a component, say. The
    line inside of the component is added.

    Args:
        state: The resource, as the engine writes it.
        shared: The outermost lines that lead to every resource of the program, such as its call of ``main()``.

    """
    frames = [*_frames(state)]
    if not frames:
        return None
    lines = _project(frames)[len(shared) :] or [frames[0]]
    return Source(lines[0].file, lines[0].line, None if frames[0] == lines[0] else frames[0])


def shared_lines(states: Iterable[Mapping[str, Any]]) -> Sequence[Source]:
    """Return the outermost lines that lead to every resource, unless one of these is declared right there."""
    traces = [lines for each in states if (lines := _project([*_frames(each)]))]
    shared = [lines[0] for lines in takewhile(lambda alike: len(set(alike)) == 1, zip(*traces, strict=False))]
    return shared if all(len(lines) > len(shared) for lines in traces) else ()


def _project(frames: Sequence[Source]) -> list[Source]:
    """Return the lines inside of the project's folder, the outermost first."""
    return [each for each in reversed(frames) if not each.file.startswith(("../", "/"))]


def _frames(state: Mapping[str, Any]) -> Iterator[Source]:
    """Yield the lines of a program that lead to a resource, the innermost first."""
    trace = [each.get("sourcePosition") for each in state.get("stackTrace") or () if isinstance(each, Mapping)]
    for position in [*trace, state.get("sourcePosition")]:
        path, _, place = str(position or "").partition("#")
        line = place.partition(",")[0]
        scheme, _, file = unquote(path).partition("://")
        if scheme == "project":
            file = file.lstrip("/")
        if posixpath.basename(file).startswith(_RUNNER):
            return
        if file and line.isdecimal() and not _INSTALLED.search(f"/{file}"):
            yield Source(file, int(line))
