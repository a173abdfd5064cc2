"""Where it was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version

import psutil
from tests.support.stack import engine_folder

import pulumi_veza


def machine() -> str:
    """Describe the machine and the versions in one line."""
    command = [str(engine_folder() / "pulumi"), "version"]
    engine = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().removeprefix("v")
    gib = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores, {gib:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Pulumi CLI {engine}, "
        f"SDK {version('pulumi')}, pulumi-veza {pulumi_veza.__version__}"
    )
