"""A company's own policy pack, built from the rules of pulumi-veza, with one rule of its own.

`pulumi preview --policy-pack path/to/this/folder` needs no further set-up: what the company decided is written here.
"""

from collections.abc import Iterator
from typing import Annotated

from pulumi_policy import EnforcementLevel, PolicyPack
from pydantic import Field

from pulumi_veza.policies import RULES, Finding, Level, Options, Rule, Stack
from pulumi_veza.policies.engine import policies


class Sponsors(Options):
    """What can be configured about the rule below, with its defaults; an option that does not exist is refused."""

    key: Annotated[str, Field(description="The custom property that names who answers for a profile.")] = "sponsor"


def sponsored(stack: Stack, options: Sponsors) -> Iterator[Finding]:
    """Every profile names the person who answers for it.

    A rule is a plain function over plain data: a test gives it a `Stack` and looks at what it finds.
    """
    for profile in stack.resources("AccessProfile"):
        if reason := profile.unknown("custom_properties"):
            # Not known before `pulumi up`: neither right nor wrong yet.
            yield profile.undecided(reason)
        elif not (profile.values.get("custom_properties") or {}).get(options.key):
            yield profile.violation(
                f"names no {options.key}; add custom_properties={{{options.key!r}: ...}} with who answers for it"
            )


OURS = Rule(
    name="sponsored",
    description="Every profile names the person who answers for it.",
    check=sponsored,
    options=Sponsors,
    level=Level.MANDATORY,
    alone=True,
)

# Configuration that everybody gets; `--policy-pack-config` can still change it for one run.
DECIDED = {
    "naming": {"enforcementLevel": EnforcementLevel.MANDATORY, "pattern": "[A-Z][A-Za-z ]+"},
    "labels": {"allowed": ["requestable", "internal", "sales"], "exclusive": [["requestable", "internal"]]},
    "forbidden-entitlements": {"patterns": ["*/CN=Domain Admins*", "*admin*"]},
    "separation-of-duties": {
        "conflicts": [
            {
                "name": "selling and approving discounts",
                "a": ["SalesforceGroup */00G-sellers"],
                "b": ["SalesforceGroup */00G-approvers"],
            }
        ]
    },
}

# The rules of the company's own, beside all of ours but one.
CHOSEN = [*(rule for rule in RULES if rule.name != "entitlement-count"), OURS]

PolicyPack("our-guardrails", policies(CHOSEN), initial_config=DECIDED)
