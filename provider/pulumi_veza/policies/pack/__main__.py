"""The policy pack that `pulumi preview --policy-pack "$(pulumi-veza policy-pack)"` takes."""

from __future__ import annotations

import gc
import sys

from pulumi_policy import PolicyPack

from pulumi_veza.errors import VezaError
from pulumi_veza.policies.engine import policies

try:
    found = policies()
except VezaError as error:
    # The engine shows what the pack writes to standard error; a traceback would hide it.
    sys.exit(f"pulumi-veza: {error}")
# The SDK decodes a whole stack at once for each policy, and nearly all of it lives until the policy is through: a
# collection of rubbish that comes every few thousand objects finds none, and costs a quarter of the time.
gc.freeze()
gc.set_threshold(100_000)
PolicyPack("pulumi-veza", found)
