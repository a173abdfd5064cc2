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
content = veza.AccessProfileVersion("seller", profile_id=seller.id, inherits_from=[crm.id])
sellers = veza.MembershipSet(
    "sellers",
    profile_id=seller.id,
    mode="authoritative",
    identity_ids=["id-noah", "id-ana", "__robot"],
    max_removals=2,
)
pulumi.export("sellers", sellers.identity_ids)
pulumi.export("integrations", crm.integrations)
