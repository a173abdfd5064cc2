"""Check and diff without a tenant: what the laws about them have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.fields.problems import Failure
from pulumi_veza.provider import session
from pulumi_veza.provider.lifecycle import GUARD, NAME_KEY, Diff, Kind, Lifecycle
from tests.support.generation.arguments import ALL_KINDS

every_kind = pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
THE_ID = "the-id/versions/current/members"
"""The id of every resource whose inputs and outputs are compared."""

law = settings(max_examples=20)
"""How many arguments a law is tried with, for each kind."""


@pytest.fixture(scope="module", autouse=True)
def offline() -> Iterator[None]:
    """Configure a tenant that cannot be reached, as no socket can be opened."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VEZA_URL", raising=False)
        patch.delenv("VEZA_API_KEY", raising=False)
        # What the guard refuses is shown in tests/members.
        patch.setenv(GUARD, "report")
        session.configure({"veza:url": "https://tenant.invalid", "veza:apiKey": "key"})
        disable_socket()
        yield
        enable_socket()


def check(kind: Kind, args: Any, olds: JsonObject | None = None) -> tuple[JsonObject, list[Failure]]:
    """Check what a program writes for a resource named ``it``."""
    return Lifecycle(kind).check(olds or {}, {**args, NAME_KEY: "it"})


def accepted(kind: Kind, args: Any) -> JsonObject:
    """Check valid arguments and return the inputs."""
    inputs, failures = check(kind, args)
    assert failures == []
    return inputs


def diff(kind: Kind, olds: JsonObject, news: JsonObject) -> Diff:
    """Compare outputs with inputs."""
    return Lifecycle(kind).diff(THE_ID, olds, news)
