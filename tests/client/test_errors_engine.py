"""What the API's errors look like to who runs Pulumi."""

from __future__ import annotations

from tests.support.programs import program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

TYPE = resource("AccessProfileType", "role", name="Role")
TYPES = "type.googleapis.com/google.rpc."


def test_a_status_of_google_rpc_is_a_line_with_the_codes_name_the_reason_and_what_to_do(
    veza_stack: Stack, tenant: Tenant
) -> None:
    veza_stack.write(program(TYPE))
    detail = {"@type": f"{TYPES}ErrorInfo", "reason": "NEEDS_ADMIN", "domain": "veza.com"}
    tenant.fault(method="POST", status=403, answer={"code": 7, "message": "denied", "details": [detail]})
    up = veza_stack.up(skip_preview=True, check=False)
    assert up.returncode != 0
    assert (
        'creating access profile type "Role" failed: 403 permission denied "denied" (NEEDS_ADMIN, veza.com; request id '
    ) in str(up)
    assert "the owner of the API key must have the role Admin" in str(up)
    assert "@type" not in str(up)
    assert tenant.state()["types"] == []
