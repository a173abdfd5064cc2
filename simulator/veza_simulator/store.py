"""What the tenant holds, in SQLite: rows in, rows out, no rules.

Profiles, versions and types are kept as JSON documents; beside them stand only the columns that listing and
filtering need. Everything runs on the server's one event loop, which is what serialises the access.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from veza_simulator.member_rows import MemberRows

Document = dict[str, Any]

_SCHEMA = 1
"""The version of the tables, which the file has as its `user_version`."""

TERM_FIELDS = ("integrations", "provider_ids", "labels")
"""The list fields of a profile that a filter may name."""


@dataclass(frozen=True)
class Slice:
    """Which rows of a list to read.

    ``order`` is a column, ``after`` the last row's ``(order value, seq)``, ``where`` SQL over the table's alias ``p``.
    """

    limit: int
    order: str = "seq"
    descending: bool = False
    after: tuple[Any, int] | None = None
    where: str = "1"
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A listed document and where it stands in the list."""

    position: tuple[Any, int]
    document: Document


class Store:
    """The tenant's tables: in a file that outlives a restart, or in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._depth = 0
        self.members = MemberRows(self._db)
        self._db.create_function("casefold", 1, str.casefold, deterministic=True)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._create_tables()
        except sqlite3.Error:
            self.close()
            raise

    def _create_tables(self) -> None:
        """Create the tables that are missing; move what a file of the first version holds."""
        [[version]] = self._all("PRAGMA user_version")
        old = version < _SCHEMA and self._all("SELECT 1 FROM sqlite_master WHERE name = 'members'")
        if old:
            self._db.execute("ALTER TABLE members RENAME TO members_1")
            self._db.execute("ALTER TABLE access_requests RENAME TO access_requests_1")
        self._db.executescript(resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8"))
        if old:
            with self.transaction():
                self._db.execute("INSERT INTO members SELECT * FROM members_1")
                requests = self._all("SELECT body FROM access_requests_1 ORDER BY seq")
                self.put_access_requests(json.loads(body) for (body,) in requests)
                self._db.execute("DROP TABLE members_1")
                self._db.execute("DROP TABLE access_requests_1")
        self._db.execute(f"PRAGMA user_version = {_SCHEMA}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that happens inside, or roll it back; may be nested."""
        if self._depth == 0:
            self._db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("ROLLBACK")
                self.members.forget()
            raise
        self._depth -= 1
        if self._depth == 0:
            self._db.execute("COMMIT")

    def clear(self) -> None:
        """Delete everything but ``meta``."""
        tables = self._all("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'meta'")
        with self.transaction():
            for (table,) in tables:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names in the schema
        self.members.forget()

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, parameters).fetchall()

    def _one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._db.execute(sql, parameters).fetchone()
        return row

    # Settings of the tenant itself

    def setting(self, key: str) -> str | None:
        """Return a value kept with the tenant."""
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return None if row is None else str(row[0])

    def keep_setting(self, key: str, value: str) -> None:
        """Keep a value with the tenant."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # Identities and datasources

    def put_identities(self, identities: Iterable[Document]) -> None:
        """Add identities, or replace those of the same id."""
        self._db.executemany(
            "INSERT INTO identities (id, name, body) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body",
            [(each["id"], each["name"], json.dumps(each)) for each in identities],
        )
        self.members.forget()

    def identities(self) -> list[Document]:
        """Return all identities, in the order they were added."""
        return [json.loads(body) for (body,) in self._all("SELECT body FROM identities ORDER BY seq")]

    def is_empty(self) -> bool:
        """Return whether nothing was ever put into it."""
        tables = ("identities", "datasources", "types", "profiles")
        return all(self._one(f"SELECT 1 FROM {table} LIMIT 1") is None for table in tables)  # noqa: S608

    def has_identities(self) -> bool:
        """Return whether any identity is known."""
        return self._one("SELECT 1 FROM identities LIMIT 1") is not None

    def knows_identity(self, identity_id: str) -> bool:
        """Return whether this identity is known."""
        return self._one("SELECT 1 FROM identities WHERE id = ?", (identity_id,)) is not None

    def identity(self, identity_id: str) -> Document | None:
        """Return the identity of this id."""
        return self._document("SELECT body FROM identities WHERE id = ?", identity_id)

    def identity_id_without_case(self, identity_id: str) -> str | None:
        """Return the id of the first identity whose id is this one but for case."""
        row = self._one("SELECT id FROM identities WHERE casefold(id) = casefold(?) ORDER BY seq", (identity_id,))
        return None if row is None else str(row[0])

    def put_datasources(self, datasources: Iterable[Document]) -> None:
        """Add datasources, or replace those of the same id."""
        self._db.executemany(
            "INSERT INTO datasources (id, name, body) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body",
            [(each["id"], each["name"], json.dumps(each)) for each in datasources],
        )

    def datasources(self) -> dict[str, Document]:
        """Return all datasources by id, in the order they were added."""
        rows = self._all("SELECT id, body FROM datasources ORDER BY seq")
        return {str(key): json.loads(body) for key, body in rows}

    # Objects that stand by themselves: a table with id, name, created_at, updated_at and body

    def put(self, table: str, document: Document) -> None:
        """Add an object to a table, or replace the one of the same id."""
        self._db.execute(
            f"INSERT INTO {table} (id, name, created_at, updated_at, body) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at,"
            " body = excluded.body",
            (*_columns(document, "id", "name", "created_at", "updated_at"), json.dumps(document)),
        )

    def get(self, table: str, key: str) -> Document | None:
        """Return the object of this id."""
        return self._document(f"SELECT body FROM {table} WHERE id = ?", key)  # noqa: S608

    def named(self, table: str, name: str) -> Document | None:
        """Return the first object of this name."""
        return self._document(f"SELECT body FROM {table} WHERE name = ? ORDER BY seq", name)  # noqa: S608

    def all_named(self, table: str, name: str, *, without_case: bool = False) -> list[Document]:
        """Return all objects of this name."""
        where = "casefold(name) = casefold(?)" if without_case else "name = ?"
        sql = f"SELECT body FROM {table} WHERE {where} ORDER BY seq"  # noqa: S608
        return [json.loads(body) for (body,) in self._all(sql, (name,))]

    def delete(self, table: str, key: str) -> None:
        """Remove an object."""
        self._db.execute(f"DELETE FROM {table} WHERE id = ?", (key,))  # noqa: S608

    # Types

    def profiles_count(self, type_id: str) -> int:
        """Return how many profiles are of this type."""
        row = self._one("SELECT count(*) FROM profiles WHERE profile_type = ?", (type_id,))
        return int(row[0]) if row else 0

    # Profiles and versions

    def put_profile(self, document: Document) -> None:
        """Add a profile, or replace the one of the same id, and index it for filters."""
        self._db.execute(
            "INSERT INTO profiles (id, name, profile_type, created_at, updated_at, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, profile_type = excluded.profile_type,"
            " updated_at = excluded.updated_at, body = excluded.body",
            (*_columns(document, "id", "name", "profile_type", "created_at", "updated_at"), json.dumps(document)),
        )
        profile_id = document["id"]
        self._db.execute("DELETE FROM terms WHERE profile_id = ?", (profile_id,))
        self._db.executemany(
            "INSERT OR IGNORE INTO terms (field, value, profile_id) VALUES (?, ?, ?)",
            [(field, value, profile_id) for field in TERM_FIELDS for value in document[field]],
        )

    def profile(self, profile_id: str) -> Document | None:
        """Return the profile of this id."""
        return self._document("SELECT body FROM profiles WHERE id = ?", profile_id)

    def delete_profile(self, profile_id: str) -> None:
        """Remove a profile with its versions and members."""
        self._db.execute("DELETE FROM profiles WHERE id = ?", (profile_id,))
        for table in ("versions", "members", "terms"):
            self._db.execute(f"DELETE FROM {table} WHERE profile_id = ?", (profile_id,))  # noqa: S608 - the names above
        self._db.execute("DELETE FROM inheritance WHERE heir = ?", (profile_id,))
        self.members.forget()

    def put_version(self, profile_id: str, document: Document) -> None:
        """Add a version, or replace the one of the same number."""
        self._db.execute(
            "INSERT OR REPLACE INTO versions VALUES (?, ?, ?)",
            (profile_id, document["version_number"], json.dumps(document)),
        )

    def version(self, profile_id: str, number: int) -> Document | None:
        """Return one version of a profile."""
        row = self._one("SELECT body FROM versions WHERE profile_id = ? AND number = ?", (profile_id, number))
        return None if row is None else _loaded(row[0])

    def versions(self, profile_ids: Sequence[str]) -> dict[str, dict[int, Document]]:
        """Return all versions of these profiles, by profile and number."""
        found: dict[str, dict[int, Document]] = {each: {} for each in profile_ids}
        sql = f"SELECT profile_id, number, body FROM versions WHERE profile_id IN ({_marks(profile_ids)})"  # noqa: S608
        for profile_id, number, body in self._all(sql + " ORDER BY number", profile_ids):
            found[profile_id][number] = json.loads(body)
        return found

    # Inheritance between current versions

    def set_parents(self, heir: str, parents: Iterable[str]) -> None:
        """Set what the current version of ``heir`` inherits from."""
        self._db.execute("DELETE FROM inheritance WHERE heir = ?", (heir,))
        self._db.executemany("INSERT OR IGNORE INTO inheritance VALUES (?, ?)", [(heir, each) for each in parents])

    def parents(self, heir: str) -> list[str]:
        """Return what the current version of ``heir`` inherits from."""
        return [str(row[0]) for row in self._all("SELECT parent FROM inheritance WHERE heir = ?", (heir,))]

    def heirs(self, profile_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the profiles whose current versions inherit from these."""
        found: dict[str, list[str]] = {each: [] for each in profile_ids}
        sql = f"SELECT parent, heir FROM inheritance WHERE parent IN ({_marks(profile_ids)}) ORDER BY heir"  # noqa: S608
        for parent, heir in self._all(sql, profile_ids):
            found[parent].append(heir)
        return found

    # Access requests

    def put_access_requests(self, requests: Iterable[Document]) -> None:
        """Add access requests, or replace those of the same id."""
        self._db.executemany(
            "INSERT INTO access_requests (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            [(each["id"], json.dumps(each)) for each in requests],
        )

    def access_request(self, request_id: str) -> Document | None:
        """Return the access request of this id."""
        return self._document("SELECT body FROM access_requests WHERE id = ?", request_id)

    def access_requests(self) -> list[Document]:
        """Return all access requests, oldest first."""
        return [json.loads(body) for (body,) in self._all("SELECT body FROM access_requests ORDER BY seq")]

    # Lists

    def listed(self, table: str, part: Slice) -> list[Row]:
        """Return the rows of a table that ``part`` selects."""
        where, parameters = part.where, list[Any](part.parameters)
        if part.after is not None:
            compare = "<" if part.descending else ">"
            if part.order == "seq":
                where, parameters = f"({where}) AND p.seq {compare} ?", [*parameters, part.after[1]]
            else:
                where = f"({where}) AND (p.{part.order}, p.seq) {compare} (?, ?)"
                parameters += part.after
        direction = "DESC" if part.descending else "ASC"
        order = f"p.{part.order} {direction}, p.seq {direction}" if part.order != "seq" else f"p.seq {direction}"
        sql = f"SELECT p.{part.order}, p.seq, p.body FROM {table} p WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return [Row((value, seq), json.loads(body)) for value, seq, body in self._all(sql, [*parameters, part.limit])]

    def everything(self, table: str) -> list[Document]:
        """Return every document of a table, oldest first."""
        return [row.document for row in self.listed(table, Slice(limit=-1))]

    def _document(self, sql: str, key: str) -> Document | None:
        row = self._one(sql, (key,))
        return None if row is None else _loaded(row[0])


def _loaded(body: str) -> Document:
    document: Document = json.loads(body)
    return document


def _columns(document: Document, *names: str) -> tuple[Any, ...]:
    return tuple(document[name] for name in names)


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
