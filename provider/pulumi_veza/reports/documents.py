"""Documents: versioned JSON with a published schema, from which every rendering is made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from pulumi_veza.errors import UnusableFileError, one_line

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class DocumentKind(Generic[M]):
    """A kind of document: its model has the fields ``format`` and ``version``, each with its only value as default."""

    model: type[M]
    name: str
    """What messages call it, such as ``impact document``."""
    command: str
    """The command that writes one."""

    def dump(self, document: M) -> str:
        """Serialize a document as JSON; equal documents have equal bytes."""
        return dump(document)

    def load(self, text: str, what: str = "the document") -> M:
        """Parse a document; ``what`` names it in errors.

        Raises:
            UnusableFileError: the text is no such document, or one of another version. The message is one line.

        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise UnusableFileError(f"{what} is not JSON, or is cut off") from None
        article = "an" if self.name[0] in "aeiou" else "a"
        if not self.is_one(data):
            raise UnusableFileError(f"{what} is no {self.name}: write one with `{self.command}`")
        if data.get("version") != (version := self.model.model_fields["version"].default):
            raise UnusableFileError(
                f"{what} is {article} {self.name} of version {one_line(str(data.get('version')))}, and this "
                f"pulumi-veza reads version {version}; use the one that wrote it"
            )
        try:
            return self.model.model_validate(data)
        except ValidationError as problem:
            first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(each) for each in first["loc"])
            raise UnusableFileError(f"{what} cannot be read at {place}: {first['msg']}") from None

    def is_one(self, data: object) -> bool:
        """Return whether parsed JSON is such a document."""
        return isinstance(data, dict) and data.get("format") == self.model.model_fields["format"].default

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of a document."""
        found = self.model.model_json_schema(mode="serialization")
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def dump(document: BaseModel) -> str:
    """Serialize a document as JSON; equal documents have equal bytes."""
    return json.dumps(document.model_dump(mode="json"), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
