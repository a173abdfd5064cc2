"""The access profiles of a large organisation: one program, which every stack runs for its own part.

The stack `types` makes a profile type for each domain. Each other stack is that of a domain: it reads the id of its
type from the first, and makes the profiles of its teams, with their members. `sharding.py` says what belongs where,
`organisation.py` which teams there are, and `deploy.py` runs all stacks beside each other.
"""

import pulumi
from organisation import teams
from sharding import TYPES, shards, stack_of

import pulumi_veza as veza

stack = pulumi.get_stack()


def made(type_id: str | None) -> str:
    """Return the id of this domain's type, which the stack of the types has made."""
    if type_id is None:
        raise pulumi.RunError(f"the domain {stack} has no type yet: run `pulumi up --stack {TYPES}` first")
    return type_id


try:
    everyone = teams()
except ValueError as error:
    raise pulumi.RunError(str(error)) from None

if stack == TYPES:
    # A type for each: profiles are listed by their type, so no stack reads the profiles of all others.
    for shard in shards():
        team_type = veza.AccessProfileType(shard, name=f"Team ({shard})", allow_create_relationships=True)
        pulumi.export(shard, team_type.id)
elif stack in shards():
    types = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{TYPES}")
    team_type = types.get_output(stack).apply(made)
    for team in filter(lambda team: stack_of(team) == stack, everyone):
        name = team.name.lower().replace(" ", "-")
        directory_group = {
            "entity_type": "ActiveDirectoryGroup",
            "datasource_id": "ad-corp",
            "entity_id": f"CN={team.name}",
        }
        profile = veza.AccessProfile(name, name=team.name, profile_type=team_type, entitlements=[directory_group])
        if team.people:
            veza.MembershipSet(name, profile_id=profile.id, identity_ids=team.people)
else:
    # An empty program would take everything away that such a stack has: a mistyped name, a domain that is gone.
    raise pulumi.RunError(f"there is no domain for the stack {stack}: the stacks are {', '.join([TYPES, *shards()])}")
