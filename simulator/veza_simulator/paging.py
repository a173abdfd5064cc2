"""Pages of a list: sizes, orders and opaque, signed page tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from veza_simulator.problems import invalid

DEFAULT_PAGE_SIZE = 100
LARGEST_PAGE_SIZE = 100
ORDERS = ("name", "created_at", "updated_at")

_SIGNATURE_BYTES = 16


def page_size(text: str | None) -> int:
    """``page_size`` from 1 to 100; 0 or nothing is the default."""
    if not text:
        return DEFAULT_PAGE_SIZE
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST_PAGE_SIZE:
        raise invalid(f"page_size must be a number from 1 to {LARGEST_PAGE_SIZE}, not {text!r}")
    return int(text) or DEFAULT_PAGE_SIZE


def order(text: str | None) -> tuple[str, bool]:
    """``order_by`` as a column and whether it descends; by creation where nothing is asked for."""
    if not text:
        return "seq", False
    name, _, direction = text.partition(" ")
    if name not in ORDERS or direction.lower() not in {"", "asc", "desc"}:
        raise invalid(f"order_by must be one of {', '.join(ORDERS)}, with asc or desc behind it, not {text!r}")
    return name, direction.lower() == "desc"


class PageTokens:
    """Makes and reads page tokens; one that was not made here, or was made for another list, is refused."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, listing: list[Any], position: tuple[Any, int] | None) -> str:
        """Return the token that continues ``listing`` (its path and parameters) after ``position``, or at its start."""
        payload = json.dumps([_digest(listing), position], separators=(",", ":")).encode()
        return base64.b64encode(self._signature(payload) + payload).decode()

    def read(self, listing: list[Any], token: str | None) -> tuple[Any, int] | None:
        """Return the position after which the token continues; ``None`` at the start."""
        if not token:
            return None
        try:
            signed = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            raise invalid("page_token is not one of this tenant's") from None
        signature, payload = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(payload)):
            raise invalid("page_token is not one of this tenant's")
        digest, position = json.loads(payload)
        if digest != _digest(listing):
            raise invalid("page_token belongs to a list with other parameters")
        return None if position is None else tuple(position)

    def _signature(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _digest(listing: list[Any]) -> str:
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest()[:12]
