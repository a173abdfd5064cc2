"""The one place where this folder imports the tests' support from."""

from __future__ import annotations

from tests.policies import cases as policy_cases
from tests.support.plugin import Plugin, refusal
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Json, Tenant

__all__ = [
    "Code",
    "Json",
    "Plugin",
    "Result",
    "Stack",
    "Tenant",
    "entitlement",
    "policy_cases",
    "program",
    "refusal",
    "resource",
]
