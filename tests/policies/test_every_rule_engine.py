"""Every rule of the pack, on the real engine: it passes, it advises, it stops, and it meets unknown values."""

from __future__ import annotations

import re

import pytest

from pulumi_veza.policies.catalogue import RULES
from tests.policies.cases import CASES, PEOPLE, broken, fine, undecided
from tests.policies.packs import preview, said, with_deployed_types
from tests.support.stack import Stack
from tests.support.tenant import Tenant

NAMES = {rule.name for rule in RULES}


def test_no_rule_is_without_a_case() -> None:
    assert {*CASES} == NAMES, "tests/policies/cases.py: CASES has one case for each rule of the catalogue"


@pytest.mark.catalogue(35)
@pytest.mark.timeout(600)
def test_every_rule_passes_advises_stops_and_meets_unknown_values(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(identities=PEOPLE)
    with_deployed_types(veza_stack)
    passed = preview(veza_stack, fine(), "mandatory")
    assert passed.returncode == 0
    assert said(passed, "mandatory") == said(passed, "advisory") == {}

    advised = preview(veza_stack, broken(), "advisory")
    assert advised.returncode == 0
    assert said(advised, "mandatory") == {}
    advice = said(advised, "advisory")
    assert {rule for rule in NAMES if CASES[rule].says not in advice.get(rule, "")} == set()

    stopped = preview(veza_stack, broken(), "mandatory")
    assert stopped.returncode != 0
    refusals = said(stopped, "mandatory")
    assert {rule for rule in NAMES if CASES[rule].says not in refusals.get(rule, "")} == set()

    unsure = preview(veza_stack, undecided(), "mandatory")
    assert unsure.returncode == 0
    assert said(unsure, "mandatory") == {}
    notes = re.findall(r"(\S+): undecided until up: (.+)", said(unsure, "advisory")["notes"])
    told = {rule: [text for name, text in notes if name == rule] for rule in NAMES}
    assert {rule for rule in NAMES if not any(CASES[rule].undecided in text for text in told[rule])} == set()
    assert tenant.requests(mutating=True) == []
