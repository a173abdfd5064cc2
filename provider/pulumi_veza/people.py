"""People by their names: files that a person can read and review, for programs that need identity ids.

``people.yaml`` maps each name to an id, or to an id and an e-mail address. A file of members lists names::

    # people.yaml                                    # members/team-role/sales.yaml
    Ana Ruiz: 0b4e1c2e-7c1f-4a53-9d43-0f6f3f8f1a11   - Ana Ruiz
    Ben Okafor:                                      - Ben Okafor
      id: 5d2a9f60-5a0e-4a8e-8f3f-5b7c1e2d3c4b
      email: ben.okafor@example.com

>>> people = People("people.yaml")
>>> MembershipSet("sales", profile_id=sales.id, identity_ids=people.members("members/team-role/sales.yaml"))

The API finds nobody by a name or an address, so nothing is asked of the tenant. An error that a program does not catch
ends it with one line.
"""

from __future__ import annotations

import difflib
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pulumi_veza.errors import LookupFailedError, UnusableFileError, one_line
from pulumi_veza.fields.spelling import at_the_ends, composed, controls_inside, looks_like_email
from pulumi_veza.provider.programs import in_one_line
from pulumi_veza.reports.files import read_text

if TYPE_CHECKING:
    from yaml import Node

_SHOWN: Final = 5
"""How many names an error lists."""

_KEYS: Final = frozenset({"id", "email"})


class _NamedId(NamedTuple):
    name: str
    """As the file writes it."""
    id: str
    line: int


class People:
    """The people of a file, by name.

    Names are compared in their case; composed and decomposed accents are one name. A name that several people share is
    in the file with something to tell them apart, such as ``Ana Ruiz (0b4e1c)``.
    """

    @in_one_line
    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Read the file.

        Args:
            path: The file, relative to the current folder, which is that of the project in a program.

        Raises:
            UnusableFileError: it cannot be read, is no mapping of names to ids, or has a name or an id twice.

        """
        self._path = Path(path)
        self._people: dict[str, _NamedId] = {}
        of_id: dict[str, _NamedId] = {}
        for person in _people(self._path):
            if other := self._people.get(composed(person.name)):
                raise self._twice(person, f"the name {person.name!r}", other)
            if other := of_id.get(person.id.casefold()):
                raise self._twice(
                    person, f"the id {person.id} of {person.name!r}", other, f", as that of {other.name!r}"
                )
            self._people[composed(person.name)] = of_id[person.id.casefold()] = person

    def _twice(self, person: _NamedId, what: str, other: _NamedId, of: str = "") -> UnusableFileError:
        return UnusableFileError(
            f"{self._path}:{person.line}: {what} is in line {other.line} already{of}; keep one of the two, or tell two "
            f"people apart as in {_apart(person)!r}"
        )

    @in_one_line
    def __getitem__(self, name: str) -> str:
        """Return the id of a person.

        Raises:
            LookupFailedError: nobody has this name; the message lists similar names.

        """
        return self._id(name)

    def __contains__(self, name: object) -> bool:
        """Return whether somebody has this name."""
        return isinstance(name, str) and composed(name) in self._people

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of the file."""
        return (each.name for each in self._people.values())

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self._people)

    @in_one_line
    def ids(self, *names: str) -> list[str]:
        """Return the ids of several people, in the order of the names.

        Raises:
            LookupFailedError: nobody has one of these names; the message lists similar names.

        """
        return [self._id(each) for each in names]

    @in_one_line
    def members(self, path: str | os.PathLike[str]) -> list[str]:
        """Return the ids of the people whom a file lists.

        An empty file, or an empty list, is nobody: the guard of a membership set stops what would empty a profile.

        Args:
            path: A YAML list of names, relative to the folder of the file of people.

        Raises:
            UnusableFileError: it cannot be read, is no list of names, or lists somebody twice.
            LookupFailedError: nobody has one of the names; the message lists similar names.

        """
        file = self._path.parent / path
        lines: dict[str, int] = {}
        found = []
        for name, line in _names(file):
            found.append(self._id(name, f"{file}:{line}"))
            if first := lines.get(found[-1]):
                raise UnusableFileError(f"{file}:{line}: {name!r} is in line {first} already; keep one of the two")
            lines[found[-1]] = line
        return found

    def _id(self, name: str, place: str = "") -> str:
        person = self._people.get(composed(name)) if isinstance(name, str) else None
        if person is None:
            raise LookupFailedError(f"{place or _caller()}: {self._path} has nobody named {name!r}; {self._hint(name)}")
        return person.id

    def _hint(self, name: object) -> str:
        known = list(self)
        if not known:
            return "it has nobody at all"
        if not isinstance(name, str):
            return "write a name as a text"
        wanted = composed(name).casefold()
        if shared := [each for each in known if composed(each).casefold().startswith(f"{wanted} (")]:
            return f"several share the name: write {_or(shared)}"
        if other_case := [each for each in known if composed(each).casefold() == wanted]:
            return f"names are compared in their case: write {_or(other_case)}"
        if near := difflib.get_close_matches(name, known, n=_SHOWN):
            return f"did you mean {_or(near)}?"
        return "add the name with its id, or correct it"


def _or(names: list[str]) -> str:
    shown = " or ".join(repr(each) for each in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _apart(person: _NamedId) -> str:
    return f"{person.name} ({person.id[:6]})"


def _caller() -> str:
    """Return the place in the program from which this module was called, as ``file:line``."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("pulumi_veza."):
        frame = frame.f_back
    return f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else "the program"


def _people(path: Path) -> Iterator[_NamedId]:
    """Yield the people of a file of names and ids."""
    from yaml import MappingNode, ScalarNode  # noqa: PLC0415

    root = _composed(path, "a mapping of names to ids, as in `Ana Ruiz: 0b4e1c2e-...`")
    if root is None:
        return
    if not isinstance(root, MappingNode):
        raise UnusableFileError(
            f"{path}: is {_called(root)}; write a mapping of names to ids, as in `Ana Ruiz: 0b4e...`"
        )
    for key, value in root.value:
        place = f"{path}:{_line(key)}"
        if not isinstance(key, ScalarNode) or not key.value:
            raise UnusableFileError(f"{place}: a name is {_called(key)}; write a text, in quotes where YAML needs them")
        held = value
        if isinstance(value, MappingNode):
            held = _parts(f"{path}:{_line(value)}", key.value, value).get("id")
        if not isinstance(held, ScalarNode):
            what = f"is {_called(held)}" if held else "is missing"
            raise UnusableFileError(f"{place}: the id of {key.value!r} {what}; write its id as a text")
        if wrong := _no_id(held.value):
            raise UnusableFileError(f"{place}: the id of {key.value!r} {wrong}")
        yield _NamedId(key.value, held.value, _line(key))


def _parts(place: str, name: str, value: Node) -> dict[str, Node]:
    """Return the parts of a person that are written beside the name."""
    found: dict[str, Node] = {}
    for key, part in value.value:
        if key.value not in _KEYS or key.value in found:
            why = "is written twice" if key.value in found else "is no part of a person"
            raise UnusableFileError(f"{place}: {key.value!r} of {name!r} {why}; write id, and email if you like")
        found[key.value] = part
    return found


def _no_id(text: str) -> str:
    """Return why a text is not the id of an identity; empty where it may be one."""
    if not text:
        return "is empty; write the identity's id, or take the name out"
    if wrong := at_the_ends(text):
        return f"{wrong}, as no id does; write it without them"
    if inside := controls_inside(text):
        return f"contains {inside}, as no id does; write one id without it"
    if looks_like_email(text):
        return f"is an e-mail address ({text}); write the identity's id, and the address as email beside it"
    return ""


def _names(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the names that a file of members lists, each with its line."""
    from yaml import ScalarNode, SequenceNode  # noqa: PLC0415

    root = _composed(path, "a list of names, as in `- Ana Ruiz`")
    if root is None:
        return
    if not isinstance(root, SequenceNode):
        raise UnusableFileError(f"{path}: is {_called(root)}; write a list of names, as in `- Ana Ruiz`")
    for each in root.value:
        if not isinstance(each, ScalarNode) or not each.value:
            raise UnusableFileError(
                f"{path}:{_line(each)}: a name is {_called(each)}; write a text, in quotes where YAML needs them"
            )
        yield each.value, _line(each)


def _composed(path: Path, what: str) -> Node | None:
    """Return the nodes of a YAML file, None where it is empty. Every scalar is a text, whatever it looks like.

    Nodes know their lines, and keep a key that is written twice.
    """
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        root: Node | None = yaml.compose(read_text(path), Loader=loader)
    except OSError as error:
        raise UnusableFileError(f"{path}: {error.strerror or error}; name {what}") from None
    except UnicodeDecodeError:
        raise UnusableFileError(f"{path}: is no text; write it in UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or str(error)
        raise UnusableFileError(
            f"{place}: is no YAML ({one_line(problem)}); write {what}, and names with special characters in quotes"
        ) from None
    return None if root is None or root.value == "" else root


def _called(node: Node) -> str:
    kinds = {"MappingNode": "a mapping", "SequenceNode": "a list"}
    return kinds.get(type(node).__name__, "a text" if node.value else "empty")


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
