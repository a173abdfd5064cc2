"""What the tenant says of the people in a document, and how every rendering shows it."""

from __future__ import annotations

from collections import Counter

import pytest

from pulumi_veza.client.client import Client
from pulumi_veza.impact import building, identities
from pulumi_veza.impact.document import Document, dump, load
from pulumi_veza.impact.identities import with_identities
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.reports.options import RenderOptions
from tests.impact.test_renderings import crowd, some_change
from tests.support.tenant import Tenant

ADA = {
    "id": "ada",
    "name": "Ada Byron",
    "title": "Analyst",
    "department": "R&D",
    "email": "ada@example.com",
    "active": False,
}


def asked(tenant: Tenant) -> Counter[str]:
    return Counter(each["path"].rpartition("/")[2] for each in tenant.requests(path="/identities/"))


def completed(tenant: Tenant, document: Document) -> Document:
    with Client(tenant.url, tenant.token, max_retries=0) as client:
        return with_identities(document, client)


def test_everybody_in_the_document_is_asked_for_once_and_nobody_else(tenant: Tenant) -> None:
    tenant.seed(identities=[ADA, {"id": "dee", "name": "Dee Dee", "department": "Sales"}, "elsewhere"])
    found = completed(tenant, some_change())
    people = {each.id for each in found.people} | {who.id for p in found.profiles for who in (*p.joining, *p.leaving)}
    assert asked(tenant) == dict.fromkeys(people, 1)
    assert found.identities["ada"].model_dump() == {
        "name": "Ada Byron",
        "title": "Analyst",
        "department": "R&D",
        "email": "ada@example.com",
        "active": False,
    }
    assert set(found.identities) == {"ada", "dee"}
    assert found.identities_unread == 0
    assert load(dump(found)) == found


def test_who_joins_has_the_name_of_the_identity(tenant: Tenant) -> None:
    tenant.seed(identities=[ADA, {"id": "dee", "name": "Dee Dee"}])
    found = completed(tenant, some_change())
    [dee] = [each for each in found.people if each.id == "dee"]
    assert dee.name == "Dee Dee"
    assert {each.name for p in found.profiles for each in p.joining if each.id == "dee"} == {"Dee Dee"}
    assert {each.name for each in found.requests if each.identity_id == "dee"} == {"Dee Dee"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_rendering_shows_title_and_department_and_who_is_inactive(tenant: Tenant, name: str) -> None:
    dee = {"id": "dee", "name": "Dee | Dee", "title": "<b>Head</b>", "department": "Sales", "active": False}
    tenant.seed(identities=[ADA, dee])
    text = FORMATS[name](completed(tenant, some_change()), RenderOptions(width=300))
    assert "Head" in text
    assert "Sales" in text
    if name == "json":
        assert '"active": false' in text
    else:
        assert "Sales, inactive" in text
    if name == "html":
        assert "<b>Head" not in text
    assert FORMATS[name](some_change(), RenderOptions()) != text


def test_an_identity_that_does_not_exist_is_no_failure_and_no_doubt(tenant: Tenant) -> None:
    found = completed(tenant, some_change())
    assert (found.identities, found.identities_unread) == ({}, 0)
    assert found == some_change()


def test_a_key_that_may_not_read_identities_is_no_failure_and_asks_for_few(tenant: Tenant) -> None:
    tenant.fault(path="/identities/", status=403, count=None)
    document = building.build(crowd(100, 3))
    found = completed(tenant, document)
    assert found.model_copy(update={"identities_unread": 0}) == document
    assert found.identities_unread == 100
    assert sum(asked(tenant).values()) < 20
    said = "Title, department and whether they are active are not known of 100 people."
    assert said in FORMATS["terminal"](found, RenderOptions(width=200))
    assert said in FORMATS["markdown"](found, RenderOptions())
    assert said in FORMATS["html"](found, RenderOptions())


def test_an_identity_that_cannot_be_read_leaves_the_others(tenant: Tenant) -> None:
    tenant.seed(identities=[ADA, {"id": "dee", "name": "Dee Dee"}, "ben", "cai"])
    tenant.fault(path="/identities/ada", status=200, answer={"value": {"id": "ada", "active": "maybe"}}, count=None)
    found = completed(tenant, some_change())
    assert "dee" in found.identities
    assert "ada" not in found.identities
    assert found.identities_unread == 1


def test_of_many_people_those_without_a_name_are_asked_for_first_and_the_others_are_counted(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.seed(identities=[f"person-{n:05}" for n in range(300)])
    monkeypatch.setattr(identities, "MOST", 200)
    document = building.build(crowd(300, 3))
    named = [each.model_copy(update={"name": "Somebody"}) for each in document.people[:100]]
    profiles = [each.model_copy(update={"joining": [], "leaving": []}) for each in document.profiles]
    update = {"people": [*named, *document.people[100:]], "profiles": profiles}
    found = completed(tenant, document.model_copy(update=update))
    assert (len(found.identities), found.identities_unread) == (200, 100)
    assert not found.identities.keys() & {each.id for each in named}
    assert sum(asked(tenant).values()) == 200


def test_a_limit_of_requests_in_a_second_bounds_how_many_people_are_asked_for(tenant: Tenant) -> None:
    for rate, most in ((None, identities.MOST), (2, 60), (0.01, 1), (1000, identities.MOST)):
        with Client(tenant.url, tenant.token, requests_per_second=rate) as client:
            assert identities.most_identities(client) == most
