"""One change of the day, and what each command is to say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.day.project import Project
from tests.support.tenant import Tenant

Edit = Callable[[Project], None]


class Said:
    """What a command prints, in any order, and its exit code."""

    def __init__(self, *texts: str, exit_code: int = 0) -> None:
        self.texts = texts
        self.exit_code = exit_code


NOTHING_CERTAIN: Final = Said()
"""It succeeds, whatever it prints."""


@dataclass(frozen=True)
class Step:
    """A change, and what each command promises of it."""

    title: str
    edit: Edit | None = None
    """The change of the program, if any."""
    by_hand: Callable[[Tenant], None] | None = None
    """What somebody does in the tenant before; a refresh follows."""
    confirms: bool = False
    """Whether the removal that was refused last is confirmed, by VEZA_ALLOW_REMOVALS."""
    preview: Said = NOTHING_CERTAIN
    impact: Said = NOTHING_CERTAIN
    up: Said | None = NOTHING_CERTAIN
    """None: nobody runs it, since the preview has shown enough."""
    then: Mapping[str, str] = field(default_factory=dict)
    """By profile, who is a member in the end, as first names; a profile that is not named is not looked at."""
    take_back: bool = False
    """Whether the edit is reverted afterwards, as where a pull request is closed."""


def add(*lines: str) -> Edit:
    """Return an edit that adds lines to people.csv."""

    def edit(project: Project) -> None:
        for line in lines:
            project.add_line("people.csv", line)

    return edit


def drop(*lines: str) -> Edit:
    """Return an edit that removes lines from people.csv."""

    def edit(project: Project) -> None:
        for line in lines:
            project.drop_line("people.csv", line)

    return edit


def both(*edits: Edit) -> Edit:
    """Return an edit that makes several."""

    def edit(project: Project) -> None:
        for each in edits:
            each(project)

    return edit


def code(old: str, new: str) -> Edit:
    """Return an edit of the program."""
    return lambda project: project.replace("__main__.py", old, new)


def rename_resource(old: str, new: str) -> Edit:
    """Return an edit that renames a team's resources in program and file, and keeps the titles."""

    def edit(project: Project) -> None:
        project.replace("__main__.py", f'"{old}": (', f'"{new}": (')
        for line in project.lines("people.csv"):
            team, _, who = line.partition(",")
            if team == old:
                project.replace("people.csv", f"{line}\n", f"{new},{who}\n")

    return edit
