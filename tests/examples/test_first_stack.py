"""The first hour as the README writes it: an installation, and the first stack on the simulated tenant."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest

from tests.examples.test_documentation import README, ROOT, block
from tests.examples.test_leaving import LEAVING
from tests.support.stack import PASSPHRASE, Running, engine_folder

SCRIPT = "set -eu -o pipefail\n"


def step(name: str) -> str:
    """Return the block of a step, which is indented as a part of its list."""
    found = re.search(rf"^( *)<!-- first stack: {name} -->\n *```\w*\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
    assert found, f"there is no step {name!r}"
    return textwrap.dedent(found[2])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_first_stack_works_on_the_simulated_tenant_as_it_is_written(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "VEZA_", "PYTHON"))}
    # A new machine: nothing but Python, the engine and a home, where `pulumi up` is not asked whether it may.
    environment = kept | {
        "HOME": str(tmp_path),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PATH": os.pathsep.join([str(engine_folder()), str(Path(sys.base_prefix) / "bin"), kept["PATH"]]),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def shell(*lines: str) -> str:
        ran = subprocess.run(
            ["bash", "-c", SCRIPT + "\n".join(lines)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{lines}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    shell(step("environment").replace("CHECKOUT", str(ROOT)))
    project = tmp_path / "access"
    # The folder, and the environment that stays active.
    again = f"cd {project} && . .venv/bin/activate"
    assert "doctor" in shell(again, block(README, "install").replace("pip install .\n", ""))
    (project / "Pulumi.yaml").write_text(step("Pulumi.yaml"))
    (project / "__main__.py").write_text(step("program"))

    port = free_port()
    command = ["bash", "-c", f"{again} && exec {step('tenant').strip()} --port {port}"]
    simulated = Running(command, cwd=tmp_path, env=environment, folder=tmp_path / "simulated")
    try:
        simulated.wait_for("ready at")
        settings = step("settings").replace(":8099", f":{port}")
        looked = shell(again, settings, step("look"))
        assert re.search(r"^\S+ Business Role$", looked, re.MULTILINE)
        assert "okta-main" in looked
        assert looked.endswith("Ana Ruiz\n")
        # The last line of the settings has been run.
        # `--local` is the home that the machine knows this user by, whatever HOME says: another folder stands in.
        (tmp_path / "state").mkdir()
        local = step("go").replace("login --local", f"login {(tmp_path / 'state').as_uri()}")
        said = shell(again, *settings.splitlines()[:2], local)
        assert "+ 3 to create" in said
        assert "+ 3 created" in said
        state = httpx.get(f"http://127.0.0.1:{port}/_simulator/state", trust_env=False).json()
        assert (tmp_path / "state" / ".pulumi" / "stacks" / "access" / "dev.json").exists()
        (pilot,) = state["profiles"]
        assert (pilot["name"], pilot["state"]) == ("Pilot", "INITIAL")
        assert [each["identity_id"] for each in pilot["versions"][0]["member_details"]] == ["id-ana.ruiz"]
        assert state["access_requests"] == []
        shell(again, block(LEAVING, "uninstall"))
        assert "veza" not in shell(again, "pip list")
    finally:
        simulated.kill()
