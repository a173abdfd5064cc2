"""The tenant of ``--seed demo``: a small company with its identities and datasources, and no profiles yet."""

from __future__ import annotations

from veza_simulator.seeding import Datasource, Identity, Seed

_DEPARTMENTS = {
    "Engineering": (
        "Ana Ruiz",
        "Ben Okafor",
        "Chloe Martin",
        "Daniel Novak",
        "Emi Sato",
        "Farid Haddad",
        "Grace Lindqvist",
        "Hugo Almeida",
        "Ines Keller",
        "Jonas Weber",
    ),
    "Sales": (
        "Karin Holm",
        "Liam Byrne",
        "Marta Kowalska",
        "Noah Fischer",
        "Olivia Grant",
        "Pablo Serrano",
        "Quentin Moreau",
    ),
    "Finance": ("Rosa Conti", "Samuel Adeyemi", "Tara Singh", "Umberto Greco"),
    "Data": ("Vera Petrova", "Wei Zhang", "Ximena Torres", "Yusuf Demir"),
    "IT": ("Zoe Papadaki", "Adam Nowak", "Bella Rossi"),
    "People": ("Carlos Mendes", "Dina Farouk"),
}

_TITLES = {
    "Engineering": "Engineer",
    "Sales": "Account Executive",
    "Finance": "Accountant",
    "Data": "Data Analyst",
    "IT": "Administrator",
    "People": "People Partner",
}


def identity_id(name: str) -> str:
    """Return the id of a demo identity: ``id-ana.ruiz`` for Ana Ruiz."""
    return "id-" + name.lower().replace(" ", ".")


DEMO = Seed(
    integrations=["ACTIVE_DIRECTORY", "AWS", "AZURE", "GOOGLE", "OKTA", "SALESFORCE", "SNOWFLAKE", "WORKDAY"],
    identities=[
        Identity(
            id=identity_id(name),
            name=name,
            department=department,
            title=_TITLES[department],
            email=f"{name.lower().replace(' ', '.')}@example.com",
        )
        for department, names in _DEPARTMENTS.items()
        for name in names
    ],
    datasources=[
        Datasource(
            id="sf-prod",
            integration="SALESFORCE",
            name="Salesforce production",
            provider_id="sf-provider",
            external_id="00D5g000004XyzEAE",
            entity_types=["SalesforceGroup", "SalesforcePermissionSet", "SalesforceRole"],
        ),
        Datasource(
            id="ad-corp",
            integration="ACTIVE_DIRECTORY",
            name="Corporate Active Directory",
            provider_id="ad-provider",
            external_id="corp.example.com",
            entity_types=["ActiveDirectoryGroup"],
        ),
        Datasource(
            id="okta-main",
            integration="OKTA",
            name="Okta",
            provider_id="okta-provider",
            external_id="example.okta.com",
            entity_types=["OktaGroup"],
        ),
        Datasource(
            id="snow-dw",
            integration="SNOWFLAKE",
            name="Snowflake warehouse",
            provider_id="snow-provider",
            external_id="xy12345.eu-central-1",
            entity_types=["SnowflakeRole"],
        ),
    ],
)
