"""Fixtures for the chaos test."""

from __future__ import annotations

from tests.support.fixtures import tenant, tenant_process  # noqa: F401  # fixtures
