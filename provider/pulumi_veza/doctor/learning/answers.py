"""How an answer is written."""

from __future__ import annotations

from pulumi_veza.doctor.learning.behaviour import Learned, Sure, Value


def certain(value: Value, why: str) -> Learned:
    """Return an answer that what was seen leaves no doubt of."""
    return Learned(value=value, sure=Sure.CERTAIN, why=why)


def likely(value: Value, why: str) -> Learned:
    """Return an answer that what was seen speaks for."""
    return Learned(value=value, sure=Sure.LIKELY, why=why)


def unknown(why: str, needs: str) -> Learned:
    """Return that reads have not told, and what would."""
    return Learned(sure=Sure.UNKNOWN, why=why, needs=needs)
