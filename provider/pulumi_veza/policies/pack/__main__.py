"""The policy pack that `pulumi preview --policy-pack "$(pulumi-veza policy-pack)"` takes."""

from __future__ import annotations

from pulumi_policy import PolicyPack

from pulumi_veza.policies.engine import policies

PolicyPack("pulumi-veza", policies())
