"""Sections of Markdown cut to a limit of bytes, which say how much they left out; somebody else's text in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pulumi_veza.reports import glossary
from pulumi_veza.reports.prose import parts
from pulumi_veza.reports.words import visible


@dataclass(frozen=True)
class MarkdownSection:
    """A heading with lines below it."""

    title: str
    """With the whole count in it."""
    lines: Sequence[str]
    what: str
    """The plural of what a line stands for, to count those that were left out."""
    command: str
    """The command that lists all of them."""
    folded: bool = True
    """Whether it is folded where the forge can."""

    def written(self, shown: int, *, folding: bool) -> str:
        """Return the section with its first lines, and the number of the others."""
        kept = list(self.lines[:shown])
        if rest := len(self.lines) - shown:
            kept.append(f"- ... and {rest:,} more {self.what}: `{self.command}` lists them all")
        body = "\n".join(kept)
        if not folding or not self.folded:
            return f"#### {self.title}\n\n{body}\n\n"
        return f"<details><summary>{self.title}</summary>\n\n{body}\n\n</details>\n\n"

    def fitted(self, room: int, *, folding: bool) -> str:
        """Return the section with as many lines as there is room for; nothing where its title does not fit."""
        low, high = 0, len(self.lines)
        while low < high:
            middle = (low + high + 1) // 2
            fits = size(self.written(middle, folding=folding)) <= room
            low, high = (middle, high) if fits else (low, middle - 1)
        text = self.written(low, folding=folding)
        return text if size(text) <= room else ""


def fitted(sections: Iterable[MarkdownSection], room: int, *, folding: bool) -> str:
    """Return as many lines of the sections as there is room for, in bytes; the title of each where it fits."""
    text = ""
    shown = [each for each in sections if each.lines]
    for place, section in enumerate(shown):
        # Every later section keeps what its title takes.
        reserved = sum(size(each.written(0, folding=folding)) for each in shown[place + 1 :])
        written = section.fitted(room - reserved, folding=folding)
        text += written
        room -= size(written)
    return text


def words_of(head: str, sections: Iterable[MarkdownSection]) -> MarkdownSection:
    """Return the section that explains the words of a text and of its sections."""
    lines = (line for each in sections if each.lines for line in (each.title, *each.lines))
    used = glossary.used_in("\n".join([head, *lines]))
    shown = [f"- **{each.word}**: {each.meaning}" for each in used]
    return MarkdownSection("What the words mean", shown, "words", glossary.COMMAND)


def size(text: str) -> int:
    """Return how many bytes a text has."""
    return len(text.encode())


def code(text: str) -> str:
    """Quote somebody else's text as code, so that it holds no mention, link or markup."""
    line = visible(" ".join(text.split())) or " "
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def escape(text: str) -> str:
    """Escape all markup in a text."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    line = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~$])", r"\\\1", line)


def prose(text: str) -> str:
    """Escape one of our own sentences, in which what is to be typed or copied stays code."""
    return "".join(code(part.text) if part.is_code else _escaped(part.text) for part in parts(" ".join(text.split())))


def code_or_text(text: str) -> str:
    """Return somebody else's text as it is where it is plain words, and as code where a forge might see more in it."""
    text = visible(" ".join(text.split()))
    plain = re.fullmatch(r"[^@#\\`*_\[\]|~$<>&]*", text) and "://" not in text and not re.search(r"www\.|\bGH-\d", text)
    return text if plain else code(text)
