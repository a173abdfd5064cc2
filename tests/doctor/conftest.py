from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doctor.doctors import KEY, Practice
from tests.doctor.learned import a_seed
from tests.support.scripted_server import ScriptedServer
from tests.support.stack import engine_folder
from tests.support.tenant import Tenant


@pytest.fixture(scope="session")
def engine() -> Path:
    """Return the folder of the real engine, before a test hides this machine's own."""
    return engine_folder()


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """Return a machine on which all is well, without settings."""
    return Practice(tmp_path, monkeypatch)


@pytest.fixture
def at_tenant(practice: Practice, tenant: Tenant) -> Practice:
    """Return a machine on which all is well, with the settings of a tenant that holds something of everything."""
    tenant.seed(**a_seed())
    tenant.key(KEY)
    tenant.clear_requests()
    practice.set(VEZA_URL=tenant.url, VEZA_API_KEY=KEY)
    return practice


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    running = ScriptedServer()
    yield running
    running.close()


@pytest.fixture
def tls_server() -> Iterator[ScriptedServer]:
    running = ScriptedServer(tls=True)
    yield running
    running.close()
