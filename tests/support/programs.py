"""Programs as text, written from values: a test changes one argument and says nothing about the rest.

::

    sales = resource("AccessProfileType", "sales", name="Sales")
    crm = resource("AccessProfile", "crm", name="CRM", profile_type=Code("sales.id"))
    stack.write(program(sales, crm, exports={"id": Code("crm.id")}))
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any


class Code(str):
    """A piece of the program, put in as it is where any other value is put in as its literal."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def resource(kind: str, resource_name: str, options: Mapping[str, Any] | None = None, /, **arguments: Any) -> str:
    """Declare a resource, in a variable of its own name (``-`` becomes ``_``); ``options`` are ResourceOptions."""
    variable = resource_name.replace("-", "_")
    assert variable.isidentifier(), variable
    assert not keyword.iskeyword(variable), variable
    written = [repr(resource_name), *(f"{name}={value!r}" for name, value in arguments.items())]
    if options:
        chosen = ", ".join(f"{name}={value!r}" for name, value in options.items())
        written.append(f"opts=pulumi.ResourceOptions({chosen})")
    return f"{variable} = veza.{kind}({', '.join(written)})"


def program(*statements: str, exports: Mapping[str, Any] | None = None) -> str:
    """Return a whole program; ``exports`` are the stack's outputs."""
    exported = [f"pulumi.export({name!r}, {value!r})" for name, value in (exports or {}).items()]
    return "\n".join(["import pulumi", "import pulumi_veza as veza", "", *statements, *exported, ""])


def entitlement(entity_id: str, datasource_id: str = "sf-prod", **more: Any) -> dict[str, Any]:
    """Return an entitlement as a program writes it."""
    return {"entity_type": "SalesforceGroup", "datasource_id": datasource_id, "entity_id": entity_id, **more}
