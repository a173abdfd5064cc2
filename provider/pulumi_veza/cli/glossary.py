"""``pulumi-veza glossary``: what the words of reports mean."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from pulumi_veza.reports import glossary as words

_WIDTH = 100
"""Columns of the text."""


def glossary(
    word: Annotated[str | None, typer.Argument(help="The word, or a part of it; all where it is left out.")] = None,
) -> None:
    """Print what the words of reports mean.

    Ends with 0, or with 64 where there is no such word.
    """
    found = words.find(word) if word else words.TERMS
    if not found:
        raise typer.BadParameter(
            f"there is no word {word!r} in the glossary; `{words.COMMAND}` prints all of them", param_hint="word"
        )
    for term in found:
        typer.echo(term.word)
        typer.echo(textwrap.fill(term.meaning, _WIDTH, initial_indent="  ", subsequent_indent="  "))
