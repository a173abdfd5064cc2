"""The access profiles of a company with six teams and six applications."""

from __future__ import annotations

from teams import Team, people_of

import pulumi_veza as veza

application = veza.AccessProfileType("application", name="Application", allow_create_relationships=True)
role = veza.AccessProfileType("role", name="Role", allow_inherit_entities=True)


def app(name: str, title: str, datasource: str, *groups: str, state: str = "RUNNING") -> veza.AccessProfile:
    """Declare the profile of an application."""
    entitlements = [{"entity_type": "OktaGroup", "datasource_id": datasource, "entity_id": group} for group in groups]
    return veza.AccessProfile(name, name=title, profile_type=application.id, state=state, entitlements=entitlements)


mail = app("mail", "Mail", "okta-main", "mail-users")
wiki = app("wiki", "Wiki", "okta-main", "wiki-readers", "wiki-writers")
crm = app("crm", "CRM", "okta-main", "crm-users")
ledger = app("ledger", "Ledger", "okta-main", "ledger-users")
tickets = app("tickets", "Tickets", "okta-main", "tickets-agents")
contracts = app("contracts", "Contracts", "okta-main", "contracts-editors")

TEAMS = {
    "sales": ("Sales", [mail, crm]),
    "support": ("Support", [mail, tickets]),
    "finance": ("Finance", [mail, ledger]),
    "legal": ("Legal", [mail, contracts]),
    "research": ("Research", [mail, wiki]),
    "design": ("Design", [mail, wiki]),
}

for team, (title, uses) in TEAMS.items():
    Team(team, title, role, people_of(team), uses)
