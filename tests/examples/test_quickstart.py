"""The quickstart on the real engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.fixtures import StackFactory
from tests.support.stack import Stack
from tests.support.tenant import Tenant

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"
SELLERS = {"id-karin.holm", "id-liam.byrne", "id-marta.kowalska", "id-noah.fischer", "id-olivia.grant"}


@pytest.fixture
def quickstart(stack_factory: StackFactory, demo_tenant: Tenant) -> Stack:
    """Bring up the quickstart."""
    stack = stack_factory(QUICKSTART, environment=demo_tenant.env())
    stack.up(skip_preview=True)
    return stack


@pytest.mark.catalogue(1)
def test_it_gives_the_sellers_what_its_comments_say_and_a_second_up_changes_nothing(
    quickstart: Stack, demo_tenant: Tenant
) -> None:
    had = demo_tenant.access()
    assert {who for who, what in had.items() if any("Account Executive" in each["path"] for each in what)} == SELLERS
    assert {each["entity_id"] for each in had["id-karin.holm"]} == {
        "00G-sellers",
        "0PS-opportunities",
        "CN=Sales",
        "CN=SalesReports",
    }
    assert {each["entity_id"] for each in had["id-dina.farouk"]} == {"00G-sellers", "0PS-opportunities"}
    assert quickstart.outputs()["sellers"] == sorted(SELLERS)
    assert quickstart.outputs()["crm_integrations"] == ["SALESFORCE"]
    demo_tenant.clear_requests()
    quickstart.up("--expect-no-changes")
    assert demo_tenant.requests(mutating=True) == []


def test_a_change_by_hand_is_shown_by_refresh_and_reverted_by_up(quickstart: Stack, demo_tenant: Tenant) -> None:
    demo_tenant.change_members("Account Executive", add=["id-rosa.conti"])
    demo_tenant.edit_profile("CRM Seller", labels=["everybody", "sales"])
    shown = quickstart.refresh("--diff", skip_preview=True)
    assert '+ id-rosa.conti    : "id-rosa.conti"' in shown
    assert '+ everybody  : "everybody"' in shown
    assert '- requestable: "requestable"' in shown
    assert "~ 2 updated" in shown
    assert "~ 2 updated" in quickstart.up(skip_preview=True)
    assert set(demo_tenant.members("Account Executive")) == SELLERS
    assert sorted(demo_tenant.profile("CRM Seller")["labels"]) == ["requestable", "sales"]
    quickstart.preview("--refresh", "--expect-no-changes")


@pytest.mark.catalogue(1)
def test_destroying_pauses_the_profiles_removes_the_members_and_leaves_the_types(
    quickstart: Stack, demo_tenant: Tenant
) -> None:
    said = quickstart.destroy(skip_preview=True)
    assert {each["name"]: each["state"] for each in demo_tenant.profiles()} == {
        "CRM Seller": "PAUSED",
        "Sales Directory Groups": "PAUSED",
        "Account Executive": "PAUSED",
    }
    assert demo_tenant.members("Account Executive") == {}
    assert demo_tenant.members("CRM Seller") == {}
    # One inherits from the other, so that the engine deletes them one after the other.
    for name in ("Application Profile", "Business Role"):
        assert f"'{name}' ({demo_tenant.type(name)['id']}) stays in Veza" in said
    seller = demo_tenant.profile("Account Executive")
    assert f"'Account Executive' ({seller['id']}) is paused, and still there" in said
    assert quickstart.resources() == {}


def test_it_runs_from_the_root_of_a_checkout(tmp_path: Path, stack_factory: StackFactory, demo_tenant: Tenant) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(QUICKSTART, checkout / "examples" / "quickstart")
    shutil.copy(ROOT / "Pulumi.yaml", checkout)
    stack = stack_factory(checkout, environment=demo_tenant.env())
    assert "+ 9 to create" in stack.preview()
