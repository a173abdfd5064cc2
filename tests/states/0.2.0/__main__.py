import pulumi

import pulumi_veza as veza

role = veza.AccessProfileType(
    "role",
    name="Role",
    description="What a job needs",
    allow_inherit_entities=True,
    allow_create_relationships=True,
    require_single_integration=True,
    max_entitlements=25,
    name_transformer={"destination_attribute": "name", "additional_value_formatter": ["UPPER", "TRIM"]},
)
crm = veza.AccessProfile(
    "crm",
    name="CRM Seller",
    profile_type=role.id,
    state="PAUSED",
    labels=["sales", "requestable", "__internal"],
    custom_properties={"owner": {"team": "sales", "cost_centres": [4711, 0.5]}},
    require_approval_to_start=True,
    datasource_ids=["sf-prod"],
    entitlements=[
        {"entity_type": "SalesforceGroup", "datasource_id": "sf-prod", "entity_id": "00G-sellers"},
        {
            "entity_type": "SalesforceGroup",
            "datasource_id": "sf-prod",
            "entity_id": "00G-leads",
            "condition": {"condition_string": 'department eq "Sales"'},
        },
    ],
)
seller = veza.AccessProfile("seller", name="Seller", profile_type=role.id, on_destroy="retain")
# Named by its id, and with a text that the tenant keeps without the blank at its end.
veza.AccessProfile(
    "directory",
    name="Directory",
    existing_id="profile-directory",
    profile_type=role.id,
    description="For everybody ",
    adopt="always",
)
content = veza.AccessProfileVersion("seller", profile_id=seller.id, inherits_from=[crm.id])


class Team(pulumi.ComponentResource):
    """A team, whose set has a parent."""

    def __init__(self, name: str, identity_ids: list[str]) -> None:
        super().__init__("states:index:Team", name)
        self.members = veza.MembershipSet(
            "members",
            profile_id=seller.id,
            identity_ids=identity_ids,
            max_removals=2,
            opts=pulumi.ResourceOptions(parent=self),
        )


sellers = Team("sellers", ["id-noah", "id-ana", "__robot"]).members
veza.MembershipSet("watched", profile_id=seller.id, identity_ids=["id-noah"], mode="audit")
pulumi.export("sellers", sellers.identity_ids)
pulumi.export("integrations", crm.integrations)
