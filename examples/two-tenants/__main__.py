"""The same access profile in two Veza tenants, by two providers.

The first is the stack's own: `VEZA_URL` and `VEZA_API_KEY`, or the stack's `veza:url` and `veza:apiKey`. The second is
an explicit provider with an address and a key of its own, from this project's configuration.
"""

import pulumi

import pulumi_veza as veza

config = pulumi.Config()

# A provider that has both uses both, whatever the environment names: no key is ever sent to the other tenant.
second = pulumi.ProviderResource(
    "pulumi-python",
    "second",
    {
        "veza:url": config.require("secondUrl"),
        "veza:apiKey": config.require_secret("secondApiKey"),
    },
)


class SupportTeam(pulumi.ComponentResource):
    """A type, a profile and its members; all of them in the tenant of the component's provider."""

    def __init__(self, name: str, people: list[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("example:index:SupportTeam", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = veza.AccessProfileType(f"{name}-role", name="Business Role", allow_inherit_entities=True, opts=child)
        team = veza.AccessProfile(f"{name}-team", name="Support", profile_type=role.id, opts=child)
        veza.MembershipSet(f"{name}-people", profile_id=team.id, identity_ids=people, opts=child)
        self.profile = team.id


first_team = SupportTeam("first", ["id-ana.ruiz"])
second_team = SupportTeam("second", ["id-ben.okafor"], pulumi.ResourceOptions(providers=[second]))

pulumi.export("first", first_team.profile)
pulumi.export("second", second_team.profile)
