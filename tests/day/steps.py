"""The thirty changes, in the order of the day."""

from __future__ import annotations

from typing import Final

from tests.day.project import Project
from tests.day.step import Said, Step, add, both, code, drop, rename_resource
from tests.support.tenant import Tenant

_TEAM: Final = "    Team(team, title, role, people_of(team), uses)\n"
_DESIGN: Final = '    "design": ("Design", [mail, wiki]),\n'


def _empty_file(project: Project) -> None:
    for line in project.lines("people.csv")[1:]:
        project.drop_line("people.csv", line)


def _add_by_hand(tenant: Tenant) -> None:
    tenant.change_members("Finance", add=["id-xena"])


def _describe_by_hand(tenant: Tenant) -> None:
    tenant.edit_profile("CRM", labels=["by-hand"])


def _pause_by_hand(tenant: Tenant) -> None:
    tenant.edit_profile("CRM", state="PAUSED")


PEOPLE: Final = [
    Step(
        "Everything is new",
        preview=Said("MembershipSet 'design/design': 2 people join", "MembershipSet 'sales/sales': 6 people join"),
        impact=Said("21 people gain access"),
        up=Said("+ 27 created"),
        then={"Sales": "ana ben cleo dan edna fred", "Legal": "quin"},
    ),
    Step(
        "A joiner: Vera begins in Sales",
        add("sales,id-vera"),
        preview=Said("MembershipSet 'sales/sales': 1 person joins: id-vera"),
        impact=Said("1 person gains access", "Vera Vogel"),
        up=Said("1 person joins: id-vera", "~ 1 updated"),
        then={"Sales": "ana ben cleo dan edna fred vera"},
    ),
    Step(
        "A joiner whose id is misspelt",
        add("support,id-wlil"),
        preview=Said("1 person joins: id-wlil"),
        impact=Said("No change of access.", "id-wlil"),
        up=Said("id-wlil"),
        then={"Support": "gina hugo ines jack kim"},
        take_back=True,
    ),
    Step(
        "A joiner whose e-mail address is written in place of the id",
        add("support,will@example.com"),
        preview=Said("will@example.com"),
        impact=Said("will@example.com"),
        up=None,
        take_back=True,
    ),
    Step(
        "A joiner who is inactive",
        add("support,id-yara"),
        preview=Said("1 person joins: id-yara"),
        impact=Said("Yara Yilmaz", "inactive"),
        up=None,
        take_back=True,
    ),
    Step(
        "A mover: Kim goes from Support to Design",
        both(drop("support,id-kim"), add("design,id-kim")),
        preview=Said(
            "MembershipSet 'design/design': 1 person joins", "MembershipSet 'support/support': 1 person leaves"
        ),
        impact=Said("1 person changes access", "Kim Keller"),
        up=Said("~ 2 updated"),
        then={"Support": "gina hugo ines jack", "Design": "tess umar kim"},
    ),
    Step(
        "A leaver: Ben leaves the company",
        drop("sales,id-ben"),
        preview=Said("MembershipSet 'sales/sales': 1 person leaves: Ben Brandt"),
        impact=Said("1 person loses access", "Ben Brandt"),
        up=Said("~ 1 updated"),
        then={"Sales": "ana cleo dan edna fred vera"},
    ),
    Step(
        "Two of six leave at once, which is more than a fifth",
        drop("sales,id-cleo", "sales,id-dan"),
        preview=Said(
            "MembershipSet 'sales/sales'", "would remove 2 of 6 members", "VEZA_ALLOW_REMOVALS=2-", exit_code=1
        ),
        impact=Said("2 people lose access", "VEZA_ALLOW_REMOVALS=2-"),
        up=None,
        then={"Sales": "ana cleo dan edna fred vera"},
    ),
    Step(
        "The same, confirmed with what the refusal printed",
        confirms=True,
        preview=Said("MembershipSet 'sales/sales': 2 people leave"),
        impact=Said("2 people lose access"),
        up=Said("~ 1 updated"),
        then={"Sales": "ana edna fred vera"},
    ),
    Step(
        "The last of a team leaves",
        drop("legal,id-quin"),
        preview=Said(
            "MembershipSet 'legal/legal'", "would remove 1 of 1 member", "VEZA_ALLOW_REMOVALS=1-", exit_code=1
        ),
        impact=Said("1 person loses access", "Quin Quist"),
        up=None,
        take_back=True,
        then={"Legal": "quin"},
    ),
    Step(
        "The file of people is empty but for its header",
        _empty_file,
        preview=Said("nobody would be left", exit_code=1),
        impact=Said("people lose access"),
        up=None,
        take_back=True,
        then={"Sales": "ana edna fred vera", "Legal": "quin", "Research": "rosa sam"},
    ),
]

PROFILES: Final = [
    Step(
        "Another title: Sales becomes Revenue",
        code('("Sales", [', '("Revenue", ['),
        preview=Said("~"),
        impact=Said("No change of access"),
        up=Said("~ 1 updated"),
        then={"Revenue": "ana edna fred vera"},
    ),
    Step(
        "Another name of the resources, in program and file, without an alias",
        rename_resource("support", "helpdesk"),
        preview=Said("helpdesk"),
        impact=Said("No change of access"),
        up=Said("helpdesk"),
        then={"Support": "gina hugo ines jack"},
    ),
    Step(
        "A new team",
        both(
            code(_DESIGN, f'{_DESIGN}    "press": ("Press", [mail]),\n'),
            add("press,id-will"),
        ),
        preview=Said("MembershipSet 'press/press': 1 person joins"),
        impact=Said("1 person gains access", "Will Weber"),
        up=Said("+ 3 created"),
        then={"Press": "will"},
    ),
    Step(
        "Sales gets the wiki as well",
        code('("Revenue", [mail, crm])', '("Revenue", [mail, crm, wiki])'),
        preview=Said("inherits_from"),
        impact=Said("4 people gain access", "wiki-readers", "wiki-writers"),
        up=Said("~ 1 updated"),
    ),
    Step(
        "The wiki loses a group that nobody is to have",
        code('"wiki-readers", "wiki-writers"', '"wiki-readers"'),
        preview=Said("wiki-writers"),
        impact=Said("wiki-writers"),
        up=Said("~ 1 updated"),
    ),
    Step(
        "Finance pauses the profile of its application, from which the team inherits still",
        code('"ledger-users")', '"ledger-users", state="PAUSED")'),
        preview=Said("~"),
        impact=Said("No change of access"),
        up=Said("~ 1 updated"),
        then={"Finance": "lena max nora otto pia"},
    ),
]

MISTAKES: Final = [
    Step(
        "An argument that does not exist",
        code("profile_type=application.id, state=", "profile_typ=application.id, state="),
        preview=Said("profile_typ", exit_code=1),
        impact=Said("profile_typ", exit_code=2),
        up=None,
        take_back=True,
    ),
    Step(
        "A value that is none of the choices",
        code('state="PAUSED"', 'state="PAUSE"'),
        preview=Said("PAUSE", "PAUSED", exit_code=1),
        impact=Said("PAUSE", exit_code=2),
        up=None,
        take_back=True,
    ),
    Step(
        "A datasource that does not exist",
        code('app("contracts", "Contracts", "okta-main"', 'app("contracts", "Contracts", "okta-mian"'),
        preview=Said("okta-mian"),
        impact=Said("okta-mian"),
        up=Said("okta-mian", exit_code=1),
        take_back=True,
    ),
    Step(
        "A group that nothing in the tenant uses so far",
        code('"contracts-editors"', '"contracts-editor"'),
        preview=Said("contracts-editor"),
        impact=Said("contracts-editor"),
        up=None,
        take_back=True,
    ),
    Step(
        "A profile type that does not exist",
        code("profile_type=application.id, state=", 'profile_type="t-nowhere", state='),
        impact=Said("t-nowhere"),
        up=Said("t-nowhere", exit_code=1),
        take_back=True,
    ),
    Step(
        "A profile to inherit from that does not exist",
        code(
            _TEAM,
            f'{_TEAM}\nveza.AccessProfile("guests", name="Guests", profile_type=role.id, inherits_from=["p-no"])\n',
        ),
        impact=Said("p-no"),
        up=Said("p-no", exit_code=1),
        take_back=True,
    ),
    Step(
        "A set of members for a profile that does not exist",
        code(_TEAM, f'{_TEAM}\nveza.MembershipSet("guests", profile_id="p-no", identity_ids=["id-zoe"])\n'),
        preview=Said("MembershipSet 'guests': 1 person joins"),
        impact=Said("p-no"),
        up=Said("p-no", exit_code=1),
        take_back=True,
    ),
]

BY_HAND: Final = [
    Step(
        "Somebody was added to Finance by hand",
        by_hand=_add_by_hand,
        preview=Said("MembershipSet 'finance/finance'", "Xena Xu"),
        impact=Said("Xena Xu"),
        up=Said("~ 1 updated"),
        then={"Finance": "lena max nora otto pia"},
    ),
    Step(
        "Somebody labelled CRM by hand, which the program does not manage",
        by_hand=_describe_by_hand,
        impact=Said("No change of access"),
        up=Said("unchanged"),
    ),
    Step(
        "Somebody paused CRM by hand",
        by_hand=_pause_by_hand,
        preview=Said("~"),
        impact=Said("CRM", "running (was paused)"),
        up=Said("~ 1 updated"),
    ),
]

PARTING: Final = [
    Step(
        "A type gets another name, and so a second type is made",
        code('"application", name="Application",', '"application", name="App",'),
        preview=Said("replace"),
        impact=Said("No change of access"),
        up=None,
        take_back=True,
    ),
    Step(
        "The team of Press is closed, with its one member",
        both(code('    "press": ("Press", [mail]),\n', ""), drop("press,id-will")),
        preview=Said("-"),
        impact=Said("would remove 1 of 1 member", "Will Weber", "The rest changes nobody's access"),
        up=Said("would remove 1 of 1 member", "VEZA_ALLOW_REMOVALS=1-", exit_code=1),
        then={"Press": "will"},
    ),
    Step(
        "The same, confirmed",
        confirms=True,
        preview=Said("-"),
        impact=Said("1 person loses access"),
        up=Said("deleted"),
        then={"Press": ""},
    ),
]

DAY: Final = [*PEOPLE, *PROFILES, *MISTAKES, *BY_HAND, *PARTING]
