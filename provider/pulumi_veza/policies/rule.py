"""What a rule is: a function, its options, and how strictly it is enforced unless somebody says otherwise."""

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


class Options(BaseModel):
    """Base of every rule's options; an option that does not exist is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Check = Callable[[Stack, Any], Iterable[Finding]]
"""Looks at a stack with the rule's options and gives what it finds. Pure: it changes nothing and asks nobody."""

Remedy = Callable[[str, MutableMapping[str, Any], Any], bool]
"""Corrects the inputs of a resource of the kind that is named, in place; tells whether anything was to correct."""


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
        """Give what it finds, under its name."""
        for finding in self.check(stack, options or self.options()):
            yield replace(finding, rule=self.name)

    def schema(self) -> dict[str, dict[str, Any]]:
        """Describe its options as JSON schema, by name, with their defaults."""
        whole = self.options.model_json_schema()
        return {name: _inlined(each, whole.get("$defs", {})) for name, each in whole.get("properties", {}).items()}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Put definitions where they are used: the engine knows no references."""
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
"""A pattern with ``*`` and ``?``, whatever the case of the letters."""


def matches(text: str, patterns: Iterable[Pattern]) -> str | None:
    """Give the first pattern that a text matches, or None."""
    folded = text.casefold()
    return next((each for each in patterns if fnmatch.fnmatchcase(folded, each.casefold())), None)
