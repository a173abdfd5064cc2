"""Laws of the export, over random tenants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.exporting import deploy, export, files, preview
from tests.support.generation.tenants import contents, random_tenant
from tests.support.tenant import Tenant


@pytest.fixture(scope="module")
def empty() -> Iterator[Tenant]:
    """Start a second tenant, for what is exported from the first."""
    with Tenant.start() as running:
        yield running


def comes_back(tenant: Tenant, empty: Tenant, number: int, size: int) -> None:
    for each in (tenant, empty):
        each.reset()
        each.quirks(integration_prefix_in_names=True)
    made = random_tenant(number, profiles=size, members=3 * size)
    made.put_into(tenant)
    # Both have the same people and datasources: the API makes neither.
    empty.seed(**{name: made.seed[name] for name in ("identities", "datasources")})
    with TemporaryDirectory() as folder:
        done = export(tenant, Path(folder))
        assert done.exit_code == 0, done.output
        assert tenant.requests(mutating=True) == []
        first = files(Path(folder))
        assert "No file was changed." in export(tenant, Path(folder)).stdout
        assert files(Path(folder)) == first
        preview(Path(folder), tenant)
        assert tenant.requests(mutating=True) == []
        deploy(Path(folder), empty)
    assert contents(empty) == contents(tenant)


@settings(max_examples=4)
@given(number=st.integers(0, 2**32), size=st.sampled_from([3, 12, 30]))
def test_an_exported_program_gives_an_equal_tenant(
    tenant_process: Tenant, empty: Tenant, number: int, size: int
) -> None:
    comes_back(tenant_process, empty, number, size)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=60)
@given(number=st.integers(0, 2**32), size=st.sampled_from([0, 1, 3, 12, 30, 60]))
def test_many_exported_programs_give_an_equal_tenant(
    tenant_process: Tenant, empty: Tenant, number: int, size: int
) -> None:
    comes_back(tenant_process, empty, number, size)
