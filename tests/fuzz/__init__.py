"""Input that nobody would write: from programs, and from a server that answers anything."""
