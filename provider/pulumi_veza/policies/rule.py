"""A rule: a function, its options, and how strictly it is enforced by default."""

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
    """How strictly a rule is enforced, under the engine's names."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    """Corrected where the rule can correct it; what it cannot is as if it were mandatory."""
    DISABLED = "disabled"

    @property
    def stops(self) -> bool:
        """Whether a violation stops the engine."""
        return self in {Level.MANDATORY, Level.REMEDIATE}


class Options(BaseModel):
    """Base of every rule's options; an option that does not exist is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Check = Callable[[Stack, Any], Iterable[Finding]]
"""Yields the findings of a stack under the rule's options. Pure: no changes, no requests."""

Remedy = Callable[[str, MutableMapping[str, Any], Any], bool]
"""Corrects the inputs of a resource of a kind, in place, and returns whether it changed any."""


@dataclass(frozen=True)
class Rule:
    """A rule, as the catalogue lists it."""

    name: str
    description: str
    check: Check
    options: type[Options]
    level: Level
    alone: bool = False
    """Whether it looks at each resource by itself: the engine then asks before it touches the resource."""
    remedy: Remedy | None = None

    def run(self, stack: Stack, options: Options | None = None) -> Iterator[Finding]:
        """Yield the findings of a stack, under the rule's name."""
        for finding in self.check(stack, options or self.options()):
            yield replace(finding, rule=self.name)

    def schema(self) -> dict[str, dict[str, Any]]:
        """Return the JSON schema of each option, by name, with its default."""
        whole = self.options.model_json_schema()
        return {name: _inlined(each, whole.get("$defs", {})) for name, each in whole.get("properties", {}).items()}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Inline the definitions: the engine resolves no references."""
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
"""A regular expression that the whole text must match."""

Pattern = str
"""A pattern with ``*`` and ``?``, case-insensitive."""


def matches(text: str, patterns: Iterable[Pattern]) -> str | None:
    """Return the first pattern that a text matches, or None."""
    folded = text.casefold()
    return next((each for each in patterns if fnmatch.fnmatchcase(folded, each.casefold())), None)
