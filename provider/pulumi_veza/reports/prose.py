"""Sentences with what is to be typed or copied in them, told apart from the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_CODE: Final = re.compile(r'`(pulumi[^`]*)`|\b((?:VEZA_[A-Z_]+|allow_removals)="?[\w,+-]+"?)')


class Part(NamedTuple):
    """A part of a sentence."""

    text: str
    is_code: bool
    """Whether it is to be typed or copied: a command of ours in backticks, or a setting with its value."""


def parts(text: str) -> Iterator[Part]:
    """Yield the parts of a sentence, without the backticks around commands.

    What somebody else wrote, such as a name with backticks, is no code by that.
    """
    end = 0
    for found in _CODE.finditer(text):
        if found.start() > end:
            yield Part(text[end : found.start()], is_code=False)
        yield Part(found[1] or found[2], is_code=True)
        end = found.end()
    if end < len(text):
        yield Part(text[end:], is_code=False)
