"""Membership sets: who is added and removed, modes, the removal guard, and claims of sets that share a profile."""
