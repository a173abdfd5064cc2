"""The effects in words, signs and colours: one row for each, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_veza.access.comparison import Effect

MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class EffectStyle:
    """How an effect is shown."""

    title: str
    sign: str
    """Different for each, so that colour alone never tells two effects apart."""
    look: str
    """Its class in the page's style sheet."""
    color: str
    """Its colour in the terminal."""
    meaning: str


STYLES: Final[Mapping[Effect, EffectStyle]] = {
    Effect.LOST: EffectStyle(
        "Lost", MINUS, "lost", "red", "The access ends, for certain: no other path gives the same."
    ),
    Effect.MAYBE_LOST: EffectStyle(
        "Potentially lost",
        f"{MINUS}?",
        "maybe-lost",
        "red",
        "It may end: it has a condition, a value is known only once the change is made, or a profile that was not "
        "looked at may give the same.",
    ),
    Effect.GAINED: EffectStyle("Gained", "+", "gained", "green", "The access begins, for certain."),
    Effect.MAYBE_GAINED: EffectStyle(
        "Potentially gained", "+?", "maybe-gained", "green", "It may begin; the reason is said."
    ),
    Effect.UNGOVERNED: EffectStyle(
        "Kept, but no longer governed",
        "=",
        "warning",
        "yellow",
        "It is taken out of a profile whose type lets members keep it: they have it on, and no profile says so.",
    ),
    Effect.MAYBE_UNGOVERNED: EffectStyle(
        "Kept, perhaps no longer governed",
        "=?",
        "warning",
        "yellow",
        "Nobody loses it: it is taken out of a profile whose type lets members keep it, and another profile may still "
        "give it.",
    ),
    Effect.NO_EFFECT: EffectStyle(
        "No effect yet",
        "○",
        "quiet",
        "yellow",
        "It is given by a profile that is not running, or by a version that is not the live one.",
    ),
    Effect.UNKNOWN: EffectStyle(
        "Not known", "?", "warning", "yellow", "Access begins or ends, and which cannot be known before it is done."
    ),
}

RANKS: Final[Mapping[Effect, int]] = {effect: rank for rank, effect in enumerate(STYLES)}
"""The place of each effect in that order."""
