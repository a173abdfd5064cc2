"""The access profiles of a small company, as code.

In Veza, an *access profile* is a named bundle of entitlements (groups, roles, permission sets in your systems) that its
*members* get. A *profile type* says what profiles of its kind may hold. A profile's content lives in its *versions*.

In Pulumi, this program says how things should be. `pulumi preview` shows what would change, `pulumi up` makes
it so, and `pulumi refresh` shows what somebody changed by hand since.
"""

import pulumi

import pulumi_veza as veza

# Two types. Application profiles hold entitlements of one integration. Business roles hold none of their own: they
# bring application profiles together.
application = veza.AccessProfileType(
    "application",
    name="Application Profile",
    description="Entitlements of one application",
    allow_create_relationships=True,
    require_single_integration=True,
    max_entitlements=25,
)
business_role = veza.AccessProfileType(
    "business-role",
    name="Business Role",
    description="What a job needs, across applications",
    allow_inherit_entities=True,
    allow_inherited_from_types=[application.id],
)

# What sellers get in Salesforce. The content is written right here, with the profile.
crm = veza.AccessProfile(
    "crm",
    name="CRM Seller",
    profile_type=application.id,
    description="Work with accounts and opportunities",
    labels=["requestable", "sales"],
    entitlements=[
        {"entity_type": "SalesforceGroup", "datasource_id": "sf-prod", "entity_id": "00G-sellers"},
        {"entity_type": "SalesforcePermissionSet", "datasource_id": "sf-prod", "entity_id": "0PS-opportunities"},
    ],
)

# What everybody in sales gets in Active Directory. This content is a resource of its own, which follows the version
# that is live: useful where the people who own the profile and those who own its content are not the same.
directory = veza.AccessProfile(
    "directory",
    name="Sales Directory Groups",
    profile_type=application.id,
    labels=["sales"],
)
directory_content = veza.AccessProfileVersion(
    "directory",
    profile_id=directory.id,
    entitlements=[
        {"entity_type": "ActiveDirectoryGroup", "datasource_id": "ad-corp", "entity_id": "CN=Sales"},
        {"entity_type": "ActiveDirectoryGroup", "datasource_id": "ad-corp", "entity_id": "CN=SalesReports"},
    ],
)

# The job: a business role that inherits both.
seller = veza.AccessProfile(
    "seller",
    name="Account Executive",
    profile_type=business_role.id,
    description="Sells to customers",
    labels=["requestable", "sales"],
    inherits_from=[crm.id, directory.id],
    opts=pulumi.ResourceOptions(depends_on=[directory_content]),
)

# Who has the job. `authoritative` means that nobody else is to be a member: somebody added by hand shows up at the next
# refresh and is removed by the next `pulumi up`. The guard stops a change that would remove more than a fifth at once.
sellers = veza.MembershipSet(
    "sellers",
    profile_id=seller.id,
    mode="authoritative",
    identity_ids=["id-karin.holm", "id-liam.byrne", "id-marta.kowalska", "id-noah.fischer", "id-olivia.grant"],
)

# Assistants work in the CRM without having the job. `additive` manages only the people it lists, and leaves alone
# whoever else is a member.
assistants = veza.MembershipSet(
    "crm-assistants",
    profile_id=crm.id,
    identity_ids=["id-dina.farouk", "id-pablo.serrano"],
)

pulumi.export("seller_profile", seller.id)
pulumi.export("sellers", sellers.identity_ids)
pulumi.export("crm_integrations", crm.integrations)
