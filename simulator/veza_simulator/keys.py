"""The API keys that are accepted, and what each may see and do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from veza_simulator.problems import FORBIDDEN, NOT_FOUND, RefusedRequestError, not_found
from veza_simulator.store import Document, Store

READING = frozenset({"GET"})
_SETTING = "keys"
_CHARACTERS = re.compile(r"[A-Za-z0-9+/=_-]*")


class Key(BaseModel):
    """An API key; what is hidden from it is named by id or by name, and missing in lists without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: str = Field(description="The key.", min_length=1)
    read_only: bool = Field(default=False, description="Whether it may only read.")
    hidden_profiles: tuple[str, ...] = Field(default=(), description="Ids or names of profiles that lists lack.")
    hidden_types: tuple[str, ...] = Field(default=(), description="Ids or names of types that the list of types lacks.")
    member_list: Literal[200, 403, 404] = Field(
        default=403, description="What the member list of a hidden profile answers."
    )
    change: Literal[200, 403, 404] = Field(
        default=403, description="What a change of a hidden profile, its version or its members answers."
    )

    def check(self, method: str) -> None:
        """Raise 403 for a change with a key that may only read."""
        if self.read_only and method not in READING:
            raise RefusedRequestError(403, "the API key may only read")

    def check_profile(self, method: str, profile: Document) -> None:
        """Raise what the key is answered for a profile that it does not see."""
        if not {profile["id"], profile["name"]} & set(self.hidden_profiles):
            return
        status = self.member_list if method in READING else self.change
        if status == NOT_FOUND:
            raise not_found(f"there is no access profile {profile['id']!r}")
        if status == FORBIDDEN:
            raise RefusedRequestError(status, f"the API key may not use the access profile {profile['id']!r}")

    def visible(self, table: str) -> tuple[str, tuple[str, ...]]:
        """Return the SQL condition, with its parameters, for the rows of a table that the key sees."""
        hidden = {"profiles": self.hidden_profiles, "types": self.hidden_types}.get(table, ())
        if not hidden:
            return "1", ()
        marks = ",".join("?" * len(hidden))
        return f"(p.id NOT IN ({marks}) AND p.name NOT IN ({marks}))", (*hidden, *hidden)


@dataclass(frozen=True)
class Tokens:
    """The keys that the simulator is started with: one for everything, and one, if any, that may only read."""

    full: str
    read_only: str | None = None

    def keys(self) -> tuple[Key, ...]:
        """Return them as keys."""
        read_only = () if self.read_only is None else (Key(token=self.read_only, read_only=True),)
        return (Key(token=self.full), *read_only)


class Keys:
    """All keys: those that the simulator was started with, and those that were put beside or over them."""

    def __init__(self, tokens: Tokens, store: Store) -> None:
        self._started_with = tokens.keys()
        self._store = store
        self._put = [Key.model_validate(each) for each in json.loads(store.setting(_SETTING) or "[]")]

    def put(self, key: Key) -> None:
        """Accept a key; it replaces one of the same token."""
        self._keep([*(each for each in self._put if each.token != key.token), key])

    def put_keys(self) -> list[Key]:
        """Return the keys that were put, in that order."""
        return list(self._put)

    def clear(self) -> None:
        """Accept only what the simulator was started with."""
        self._keep([])

    def authenticated(self, authorization: str) -> Key:
        """Return the key of an ``Authorization`` header; raise 401 for a missing or unknown one."""
        scheme, _, token = authorization.partition(" ")
        known = {each.token: each for each in (*self._started_with, *self._put)}
        if scheme.lower() != "bearer" or token not in known:
            reason = "Invalid API key" if _CHARACTERS.fullmatch(token) else "Malformed API key"
            raise RefusedRequestError(
                401, "the bearer token is missing or not one of this tenant's", rpc_message=reason
            )
        return known[token]

    def _keep(self, keys: list[Key]) -> None:
        self._put = keys
        self._store.keep_setting(_SETTING, json.dumps([each.model_dump() for each in keys]))
