"""The effects in words, signs and colours: one row for each, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.reports import glossary

MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class EffectStyle:
    """How an effect is shown."""

    term: glossary.Term
    """Its word in the glossary."""
    sign: str
    """Different for each, so that colour alone never tells two effects apart."""
    look: str
    """Its class in the page's style sheet."""
    color: str
    """Its colour in the terminal."""

    @property
    def title(self) -> str:
        """Its word."""
        return self.term.word


STYLES: Final[Mapping[Effect, EffectStyle]] = {
    Effect.LOST: EffectStyle(glossary.LOST, MINUS, "lost", "red"),
    Effect.MAYBE_LOST: EffectStyle(glossary.MAY_BE_LOST, f"{MINUS}?", "maybe-lost", "red"),
    Effect.GAINED: EffectStyle(glossary.GAINED, "+", "gained", "green"),
    Effect.MAYBE_GAINED: EffectStyle(glossary.MAY_BE_GAINED, "+?", "maybe-gained", "green"),
    Effect.UNGOVERNED: EffectStyle(glossary.UNGOVERNED, "=", "warning", "yellow"),
    Effect.MAYBE_UNGOVERNED: EffectStyle(glossary.MAYBE_UNGOVERNED, "=?", "warning", "yellow"),
    Effect.NO_EFFECT: EffectStyle(glossary.NO_EFFECT, "○", "quiet", "yellow"),
    Effect.UNKNOWN: EffectStyle(glossary.UNKNOWN, "?", "warning", "yellow"),
}

RANKS: Final[Mapping[Effect, int]] = {effect: rank for rank, effect in enumerate(STYLES)}
"""The place of each effect in that order."""
