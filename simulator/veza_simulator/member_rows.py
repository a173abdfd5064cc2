"""The members of versions, in SQLite: who, and by which source."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

Member = dict[str, Any]

KEPT_LISTS = 16
"""How many versions' members are kept in memory: a set's changes come in batches, each of which needs all of them."""

_KEYS = ("profile_id", "version", "identity_id", "identity_name", "created_from", "workflow")


class MemberRows:
    """Each member's rows, in the order they were added, with ``identity_name``."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._kept: dict[tuple[str, int], tuple[Member, ...]] = {}
        self._version = 0
        """SQLite's number of the last change of the file by somebody else."""

    def of_version(self, profile_id: str, version: int) -> tuple[Member, ...]:
        """Return the members of a version."""
        key = (profile_id, version)
        if not self._is_kept(key):
            self._keep(key, tuple(self._selected("m.profile_id = ? AND m.version = ?", key)))
        return self._kept[key]

    def of_versions(self, selected: Sequence[tuple[str, int]]) -> dict[str, list[Member]]:
        """Return the members of one version of each of several profiles."""
        found: dict[str, list[Member]] = {profile_id: [] for profile_id, _ in selected}
        wanted = dict(selected)
        for member in self._selected(f"m.profile_id IN ({','.join('?' * len(wanted))})", list(wanted)):
            if wanted[member["profile_id"]] == member["version"]:
                found[member["profile_id"]].append(member)
        return found

    def of_identity(self, identity_id: str) -> list[Member]:
        """Return the rows of one identity among the members of every version."""
        return self._selected("m.identity_id = ?", (identity_id,))

    def everything(self) -> list[Member]:
        """Return every member of every version."""
        return self._selected("1", ())

    def add(
        self, profile_id: str, version: int, identity_ids: Iterable[str], created_from: str, workflow: str = ""
    ) -> None:
        """Add members with this source; leave those that have it already as they are."""
        [[last]] = self._db.execute("SELECT coalesce(max(seq), 0) FROM members").fetchall()
        self._db.executemany(
            "INSERT OR IGNORE INTO members (profile_id, version, identity_id, created_from, workflow)"
            " VALUES (?, ?, ?, ?, ?)",
            [(profile_id, version, each, created_from, workflow) for each in identity_ids],
        )
        key = (profile_id, version)
        if self._is_kept(key):
            # The plus keeps SQLite from reading all members of the version to find those that were added last.
            added = self._selected("m.seq > ? AND +m.profile_id = ? AND +m.version = ?", (last, *key))
            self._keep(key, (*self._kept[key], *added))

    def remove(
        self, profile_id: str, version: int, identity_ids: Iterable[str], created_from: str | None = None
    ) -> None:
        """Remove members: the source ``created_from`` of each, or every source."""
        gone = set(identity_ids)
        self._db.executemany(
            "DELETE FROM members WHERE profile_id = ? AND version = ? AND identity_id = ?"
            " AND created_from = coalesce(?, created_from)",
            [(profile_id, version, each, created_from) for each in gone],
        )
        key = (profile_id, version)
        if self._is_kept(key):
            left = (
                each
                for each in self._kept[key]
                if each["identity_id"] not in gone or created_from not in {None, each["created_from"]}
            )
            self._keep(key, tuple(left))

    def copy(self, profile_id: str, source: int, target: int) -> None:
        """Copy the members of one version to another."""
        self._db.execute(
            "INSERT OR IGNORE INTO members (profile_id, version, identity_id, created_from, workflow)"
            " SELECT profile_id, ?, identity_id, created_from, workflow FROM members"
            " WHERE profile_id = ? AND version = ? ORDER BY seq",
            (target, profile_id, source),
        )
        self._kept.pop((profile_id, target), None)

    def forget(self) -> None:
        """Read everything again, as it may have changed elsewhere: names, deleted profiles, what was rolled back."""
        self._kept.clear()

    def _is_kept(self, key: tuple[str, int]) -> bool:
        [[version]] = self._db.execute("PRAGMA data_version").fetchall()
        if version != self._version:
            # Another process has put another tenant into the file.
            self.forget()
            self._version = version
        return key in self._kept

    def _keep(self, key: tuple[str, int], members: tuple[Member, ...]) -> None:
        self._kept[key] = members
        if len(self._kept) > KEPT_LISTS:
            del self._kept[next(iter(self._kept))]

    def _selected(self, where: str, parameters: Sequence[Any]) -> list[Member]:
        sql = (
            "SELECT m.profile_id, m.version, m.identity_id, coalesce(i.name, ''), m.created_from, m.workflow"  # noqa: S608
            f" FROM members m LEFT JOIN identities i ON i.id = m.identity_id WHERE {where} ORDER BY m.seq"
        )
        return [dict(zip(_KEYS, row, strict=True)) for row in self._db.execute(sql, parameters)]
