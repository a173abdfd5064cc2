"""What is written into every state and must never change: see `pulumi_veza.provider.shell.Provider`."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_veza.provider.shell import Provider, Resource
from pulumi_veza.resources import KINDS
from tests.support.kinds import FIXED, PLACE, fixed

every_kind = pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.__name__)


def test_every_kind_is_recorded() -> None:
    assert set(KINDS) == set(FIXED), f"{PLACE}: FIXED has a row for each of KINDS, and for nothing else"


@every_kind
def test_the_module_the_class_and_the_type_token_are_those_of_every_state(resource: type[Resource]) -> None:
    module, name = fixed(resource).module, resource.__name__
    provider = resource._provider_class
    assert (provider.__module__, provider.__qualname__) == (module, "Provider")
    assert f"pulumi-python:{resource._resource_type_name}" == f"pulumi-python:dynamic/veza:{name}"


@every_kind
def test_the_provider_is_written_as_in_every_state(resource: type[Resource]) -> None:
    blob = serialize_provider(resource._provider_class())
    assert blob == fixed(resource).pickled
    # A reference to the class, and nothing of the class itself: 90 bytes for the longest of today's module names.
    assert len(blob) < 4 * (len(fixed(resource).module) + 36) // 3


@every_kind
def test_the_provider_of_every_state_can_be_read(resource: type[Resource]) -> None:
    provider: Any = pickle.loads(base64.b64decode(fixed(resource).pickled))  # noqa: S301  # our own
    assert type(provider) is resource._provider_class


@every_kind
def test_a_provider_has_nothing_of_its_own_and_no_secret(resource: type[Resource]) -> None:
    provider = resource._provider_class()
    assert isinstance(provider, Provider)
    assert vars(provider) == {}
    assert provider.serialize_as_secret_always is False
    # A pickle that held anything would make the serializer slower with every resource, until it fails.
    assert len({serialize_provider(resource._provider_class()) for _ in range(1500)}) == 1
