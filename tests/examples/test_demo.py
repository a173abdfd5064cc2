"""``make demo``, as a user runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.stack import Running
from tests.support.tenant import Tenant
from veza_simulator.server import kept_port

DEMO = Path(__file__).resolve().parents[2] / "tools" / "demo.py"


def start(folder: Path) -> Running:
    command = [sys.executable, str(DEMO), "--folder", str(folder)]
    return Running(command, cwd=folder.parent, env=dict(os.environ), folder=folder.parent / "output")


def left_over(folder: Path) -> list[str]:
    """Name what still runs for a demo: the tenant by its database, the rest by its environment."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        seen = [*(process.info["cmdline"] or ()), (process.info["environ"] or {}).get("PULUMI_HOME", "")]
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(str(folder) in each for each in seen):
            found.append(" ".join(process.info["cmdline"] or ()))
    return found


@pytest.mark.slow
def test_it_shows_the_change_by_hand_and_its_end_and_leaves_a_place_to_play(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    (folder / "quickstart").mkdir(parents=True)
    (folder / "quickstart" / "__main__.py").write_text("changed = True\n")
    result = start(folder).result().checked()
    headlines = re.findall(r"^(\d)\. ", result.stdout, re.MULTILINE)
    assert headlines == ["1", "2", "3", "4", "5", "6", "7"]
    assert "9 unchanged" in result
    shown = result.stdout.partition("6. Refresh")[2]
    assert '+ id-rosa.conti    : "id-rosa.conti"' in shown
    assert '- requestable: "requestable"' in shown
    assert "has again: Karin Holm, Liam Byrne, Marta Kowalska, Noah Fischer, Olivia Grant." in shown
    assert "\033" not in str(result)
    assert left_over(folder) == []
    assert (folder / "quickstart-of-the-last-run.py").read_text() == "changed = True\n"

    # The tenant keeps the address that the state and `env.sh` know it by.
    port = ["--port", str(kept_port(folder / "tenant.db"))]
    with Tenant.start(seed="demo", token="simulator-key", db=folder / "tenant.db", extra=port):  # noqa: S106
        commands = ". ./env.sh && cd quickstart && pulumi preview --expect-no-changes"
        playing = subprocess.run(["bash", "-c", commands], cwd=folder, capture_output=True, text=True, check=False)
    assert playing.returncode == 0, playing
    assert "9 unchanged" in playing.stdout


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("tenant ready at", signal.SIGINT),
        ("$ pulumi preview", signal.SIGINT),
        ("AccessProfileType application creating", signal.SIGINT),
        ("$ pulumi preview", signal.SIGTERM),
    ],
)
def test_an_interrupt_at_any_moment_ends_everything_and_says_one_line(
    tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    folder = tmp_path / "d"
    demo = start(folder)
    demo.wait_for(moment)
    assert left_over(folder)
    demo.process.send_signal(number)
    result = demo.result()
    assert result.returncode == 130
    assert result.stderr.strip() == "Interrupted: everything that was started has ended. `make demo` starts anew."
    assert left_over(folder) == []


def test_without_an_engine_it_says_in_one_line_how_to_get_one(tmp_path: Path) -> None:
    environment = {"PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    refused = subprocess.run(
        [sys.executable, str(DEMO), "--folder", str(tmp_path / "d")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "`make engine` builds one" in refused.stderr
