"""Tests that run the real Pulumi engine, and tests of how it is installed."""
