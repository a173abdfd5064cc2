"""Which tenant a document is about, and that no state is compared with another one."""

from __future__ import annotations

import json
import re

import pytest

from pulumi_veza.access.organisation import Organisation
from pulumi_veza.client.address import TenantMove
from pulumi_veza.errors import RefusedError
from pulumi_veza.impact import building
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.tenants import refuse_other_tenants
from pulumi_veza.reports.options import RenderOptions
from tests.impact.stacks import of_type, profile, texts


@pytest.mark.parametrize("format_", FORMATS)
def test_every_rendering_names_each_tenant_once(format_: str) -> None:
    tenants = ["https://acme.vezacloud.com", "https://beta.vezacloud.com"]
    everything = [
        of_type(),
        *(
            profile(f"p{number}", {}, {"labels": texts("x")}, outputs={"__tenant": f"{tenant.upper()}/"})
            for number, tenant in enumerate([*tenants, *tenants])
        ),
    ]
    shown = FORMATS[format_](building.build(everything), RenderOptions())
    assert [shown.count(tenant.partition("://")[2]) for tenant in tenants] == [1, 1]
    unknown = FORMATS[format_](building.build([of_type()]), RenderOptions())
    assert not re.search("Tenants? http", unknown)


def test_the_tenant_that_was_asked_is_the_one_that_is_named() -> None:
    here = [profile("p", {}, outputs={"__tenant": "https://acme.vezacloud.com"})]
    assert building.build(here, Organisation(), tenants=["https://moved.example"]).tenants == ["https://moved.example"]


def test_a_state_is_not_compared_with_another_tenant() -> None:
    acme, other = "https://acme.vezacloud.com", "https://other.example"
    here = [profile("p", {}, outputs={"__tenant": acme}), profile("new", None, {})]
    refuse_other_tenants(here, [], acme, None)
    refuse_other_tenants(here, [acme, other], acme, None)
    refuse_other_tenants(here, [other], other, TenantMove(acme, other))
    for move in (None, TenantMove(other, acme), TenantMove("https://third.example", other)):
        with pytest.raises(RefusedError, match=rf"'p' belongs to the tenant {acme}, .* about {other}"):
            refuse_other_tenants(here, [], other, move)
    with pytest.raises(RefusedError, match=rf"the preview is about the tenant {acme}, and VEZA_URL names {other}"):
        refuse_other_tenants([profile("new", None, {})], [acme], other, None)


def test_a_preview_of_a_new_stack_says_itself_which_tenant_it_is_about() -> None:
    said = [
        {"message": "info: tenant: https://acme.vezacloud.com\n\n", "severity": "info#err"},
        {"message": "info: tenant: https://beta.vezacloud.com\n"},
        {"message": "info: something else"},
        "not a message",
    ]
    preview = json.dumps({"steps": [], "diagnostics": said, "changeSummary": {}})
    announced = preview_json.read(preview).tenants
    assert announced == ["https://acme.vezacloud.com", "https://beta.vezacloud.com"]
    assert building.build(preview_json.preview(preview), tenants=announced).tenants == announced
    assert preview_json.read('{"steps": []}').tenants == []
