"""The rules' configuration, in the engine's format of ``--policy-pack-config``.

::

    {
      "all": "advisory",
      "naming": {"enforcementLevel": "mandatory", "pattern": "[A-Z].*"},
      "description": "disabled"
    }
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import RootModel, ValidationError

from pulumi_veza.errors import UnusableFileError
from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.exceptions import NAME, first_problem, read_model
from pulumi_veza.policies.rule import Level, Options, Rule

LEVEL: Final = "enforcementLevel"
"""The engine's key of the level among a rule's options."""

NOTES: Final = "notes"
"""The name of the policy that reports notes, undecided findings and exceptions."""

DEFAULTS: Final[Mapping[str, Level]] = {NAME: Level.ADVISORY, NOTES: Level.ADVISORY}
"""The default levels of the policies that are no rules."""


@dataclass(frozen=True)
class PackSettings:
    """The levels and options of rules."""

    rules: Sequence[Rule] = RULES
    levels: Mapping[str, Level] = field(default_factory=dict)
    """By name, the levels that differ from the defaults."""
    options: Mapping[str, Options] = field(default_factory=dict)
    """By name, the options that differ from the defaults."""

    def level(self, name: str) -> Level:
        """Return the level of a rule, or of a policy that is no rule."""
        if found := self.levels.get(name):
            return found
        rule = next((each for each in self.rules if each.name == name), None)
        return rule.level if rule else DEFAULTS[name]

    @property
    def active(self) -> list[Rule]:
        """The rules that run."""
        return [rule for rule in self.rules if self.level(rule.name) is not Level.DISABLED]


class _PackConfigFile(RootModel[dict[str, str | dict[str, Any]]]):
    pass


def load(path: Path, rules: Sequence[Rule] = RULES) -> PackSettings:
    """Read a configuration file.

    Raises:
        UnusableFileError: it cannot be used. The message is one line and names the correction.

    """
    return parse(read_model(_PackConfigFile, path, "a policy pack's configuration").root, str(path), rules)


def parse(data: Mapping[str, str | Mapping[str, Any]], what: str, rules: Sequence[Rule] = RULES) -> PackSettings:
    """Parse a configuration; ``what`` names it in errors.

    Raises:
        UnusableFileError: it cannot be used. The message is one line and names the correction.

    """
    by_name = {rule.name: rule for rule in rules}
    known = [*by_name, *DEFAULTS]
    levels: dict[str, Level] = {}
    options: dict[str, Options] = {}
    for name, value in data.items():
        if name != "all" and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UnusableFileError(
                f"{what}: there is no rule {name!r}; "
                + (f"did you mean {near[0]!r}?" if near else f"the rules are {', '.join(known)}")
            )
        given = {LEVEL: value} if isinstance(value, str) else dict(value)
        level = given.pop(LEVEL, None)
        if level is not None:
            wanted = _level(level, f"{what}: {name}")
            levels.update(dict.fromkeys(known, wanted) if name == "all" else {name: wanted})
        if name in by_name:
            options[name] = validated(by_name[name], given, what)
        elif given:
            raise UnusableFileError(f"{what}: {name} has no options; it has {LEVEL} alone")
    for name, chosen in options.items():
        if by_name[name].level is Level.DISABLED and name not in levels and chosen != by_name[name].options():
            raise UnusableFileError(
                f"{what}: {name} is disabled unless its level is written, so that its options do nothing; write "
                f"{LEVEL} beside them"
            )
    # The level of a single rule overrides that of "all", in whichever order they are written.
    for name, value in data.items():
        level = value if isinstance(value, str) else value.get(LEVEL)
        if name != "all" and level is not None:
            levels[name] = Level(level)
    return PackSettings(rules, levels, options)


def _level(value: object, what: str) -> Level:
    try:
        return Level(value)
    except ValueError:
        raise UnusableFileError(
            f"{what}: {value!r} is no {LEVEL}; write one of {', '.join(each.value for each in Level)}"
        ) from None


def validated(rule: Rule, given: Mapping[str, Any], what: str) -> Options:
    """Validate and return the options of a rule; ``what`` names the configuration in errors.

    Raises:
        UnusableFileError: an option is unknown or has an invalid value.

    """
    try:
        return rule.options.model_validate(dict(given))
    except ValidationError as error:
        known = list(rule.options.model_fields)
        if strange := sorted(given.keys() - set(known)):
            raise UnusableFileError(f"{what}: {rule.name}: {_no_option(strange[0], known)}") from None
        raise UnusableFileError(f"{what}: {rule.name}: {first_problem(error)}") from None


def _no_option(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]!r}? The" if near else "the"
    return f"there is no option {name!r}; {guess} options are {', '.join([*known, LEVEL])}"
