CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identities (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS datasources (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS types (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS types_name ON types (name);
CREATE TABLE IF NOT EXISTS profiles (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, profile_type TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS profiles_type ON profiles (profile_type, seq);
CREATE INDEX IF NOT EXISTS profiles_name ON profiles (name);
CREATE TABLE IF NOT EXISTS versions (
    profile_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (profile_id, number)
);
CREATE TABLE IF NOT EXISTS members (
    seq INTEGER PRIMARY KEY, profile_id TEXT NOT NULL, version INTEGER NOT NULL, identity_id TEXT NOT NULL,
    created_from TEXT NOT NULL, workflow TEXT NOT NULL, UNIQUE (profile_id, version, identity_id, created_from, workflow)
);
CREATE TABLE IF NOT EXISTS inheritance (
    heir TEXT NOT NULL, parent TEXT NOT NULL, PRIMARY KEY (heir, parent)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inheritance_parent ON inheritance (parent);
CREATE TABLE IF NOT EXISTS terms (
    field TEXT NOT NULL, value TEXT NOT NULL, profile_id TEXT NOT NULL, PRIMARY KEY (profile_id, field, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS terms_value ON terms (field, value, profile_id);
CREATE TABLE IF NOT EXISTS access_requests (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
