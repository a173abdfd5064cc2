"""The example of a company's own pack, on the quickstart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fixtures import StackFactory
from tests.support.tenant import Tenant

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_companys_own_rule_stops_beside_ours_and_its_configuration_counts(stack_factory: StackFactory) -> None:
    with Tenant.start(seed="demo") as tenant:
        stack = stack_factory(EXAMPLES / "quickstart", environment=tenant.env())
        flags = ["--policy-pack", str(EXAMPLES / "policy-pack")]
        stopped = stack.preview(*flags, check=False)
        assert stopped.returncode != 0
        assert "[mandatory]  sponsored" in stopped
        assert "AccessProfile 'crm' names no sponsor; add custom_properties={'sponsor': ...}" in stopped

        program = (stack.project / "__main__.py").read_text()
        sponsor = "    custom_properties={'sponsor': 'the head of sales'},\n    profile_type="
        stack.write(program.replace("    profile_type=", sponsor))
        passed = stack.preview(*flags)
        assert "[mandatory]" not in passed
        assert "[advisory]" not in passed

        stack.write(program.replace("    profile_type=", sponsor).replace("CRM Seller", "CRM-Seller-2"))
        renamed = stack.preview(*flags, check=False)
        assert "AccessProfile 'crm' is named 'CRM-Seller-2', and pattern is '[A-Z][A-Za-z ]+'" in renamed
        assert "[mandatory]  naming" in renamed
