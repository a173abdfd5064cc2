"""A rule: a check, its options, and its default level."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.stack import Stack


class Level(str, Enum):
    """The enforcement level of a rule, under the engine's names."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    """Violations are corrected where the rule has a remedy; others stop the engine."""
    DISABLED = "disabled"

    @property
    def stops(self) -> bool:
        """Whether a violation stops the engine."""
        return self in {Level.MANDATORY, Level.REMEDIATE}


class Options(BaseModel):
    """Base of every rule's options; unknown options are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Check = Callable[[Stack, Any], Iterable[Finding]]
"""Returns the findings of a stack under the rule's options. Must be pure: no changes, no requests.

Its docstring begins with "Check that" and is the description of the rule in the documentation."""

Remedy = Callable[[str, MutableMapping[str, Any], Any], bool]
"""Corrects the inputs of a resource in place, by its kind and the rule's options; returns whether it changed any."""


@dataclass(frozen=True)
class Rule:
    """A rule of the catalogue."""

    name: str
    description: str
    check: Check
    options: type[Options]
    level: Level
    alone: bool = False
    """Whether it checks each resource by itself, so that the engine can run it before it changes the resource."""
    remedy: Remedy | None = None

    def run(self, stack: Stack, options: Options | None = None) -> Iterator[Finding]:
        """Yield the findings of a stack, marked with the rule's name; ``options`` are the defaults if left out."""
        for finding in self.check(stack, options or self.options()):
            yield replace(finding, rule=self.name)

    def schema(self) -> dict[str, dict[str, Any]]:
        """Return the JSON schema of each option, by name, with its default."""
        whole = self.options.model_json_schema()
        return {name: _inlined(each, whole.get("$defs", {})) for name, each in whole.get("properties", {}).items()}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with its definitions inlined, as the engine resolves no references."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            return _inlined(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
        return {name: _inlined(each, definitions) for name, each in schema.items() if name != "title"}
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    return schema


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


Expression = Annotated[str, AfterValidator(_expression)]
"""A valid regular expression, for `re.fullmatch`."""

Pattern = str
"""A case-insensitive pattern with ``*`` and ``?``, for `matches`."""


def matches(text: str, patterns: Iterable[Pattern]) -> str | None:
    """Return the first pattern that a text matches, or None."""
    folded = text.casefold()
    return next((each for each in patterns if fnmatch.fnmatchcase(folded, each.casefold())), None)
