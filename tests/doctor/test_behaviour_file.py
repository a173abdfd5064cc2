"""The file of what was learned: declared on both sides, and held together here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pulumi_veza.client import lifecycle, models
from pulumi_veza.doctor.learning import forms
from pulumi_veza.doctor.learning.behaviour import FORMAT, Learned, Sure, dump
from pulumi_veza.doctor.learning.catalogue import OBSERVATIONS, SWITCHES, behaviour, questions
from pulumi_veza.doctor.learning.seen import Seen
from tests.doctor.learned import TOLD_BY_READS, a_seed, learn
from tests.support.tenant import Tenant
from veza_simulator import answers, like, objects, shaping
from veza_simulator.fields import Mark, names
from veza_simulator.quirks import Quirks

NOTHING = behaviour(Seen(), "a test")


def written(tmp_path: Path, **switches: Any) -> Path:
    """Write a file with these switches, each a value that is certain or a whole entry."""
    entries = {
        name: each if isinstance(each, dict) else {"value": each, "sure": "certain", "why": "a test"}
        for name, each in switches.items()
    }
    file = tmp_path / "tenant.yaml"
    file.write_text(yaml.safe_dump({"format": FORMAT, "version": 1, "switches": entries}))
    return file


def test_the_questions_are_the_switches_of_the_simulator_in_its_order_and_words() -> None:
    described = {name: each["description"] for name, each in Quirks().described().items()}
    assert {name: each.meaning for name, each in SWITCHES.items()} == described
    assert list(SWITCHES) == list(described)
    assert not SWITCHES.keys() & OBSERVATIONS.keys()


def test_what_a_question_takes_for_documented_is_what_the_simulator_transcribed_from_the_documents() -> None:
    assert set(shaping.MINIMAL_TYPE) == forms.SHORT_TYPE
    assert set(names(objects.ProfileType, Mark.INT64)) == set(forms.INT64)
    for ours, theirs in (
        (models.AccessProfileType, objects.ProfileType),
        (models.AccessProfile, objects.Profile),
        (models.AccessProfileVersion, objects.Version),
        (models.Entity, objects.Entity),
        (models.Member, objects.Member),
        (lifecycle.Identity, answers.Identity),
    ):
        assert theirs.model_fields.keys() <= ours.model_fields.keys()


def test_the_schema_is_published_and_the_file_is_valid_by_it(tenant: Tenant) -> None:
    assert like.published() == like.generated(), "run `python -m veza_simulator.like`"
    tenant.seed(**a_seed())
    for found in (NOTHING, learn(tenant)):
        content = yaml.safe_load(dump(found, questions()))
        jsonschema.validate(content, like.published())
        assert list(content) == ["format", "version", "made_by", "seen", "switches", "observations"]
        assert list(content["switches"]) == list(Quirks.model_fields)


def test_of_an_empty_tenant_nothing_but_the_envelope_is_known_and_each_unknown_says_what_would_tell(
    tenant: Tenant,
) -> None:
    learned = learn(tenant)
    told = {name for name, each in learned.switches.items() if each.sure is not Sure.UNKNOWN}
    assert told == {
        "nulls_for_empty",
        "omit_empty_fields",
        "token_after_last_page",
        "unknown_fields",
        "rpc_errors",
        "random_order",
    }
    assert learned.switches["bare_member_list"] == Learned(
        sure=Sure.UNKNOWN, why="no profile was seen", needs="a profile"
    )
    assert learned.switches["version_parameter_ignored"].needs == "a profile with a draft"
    assert learned.switches["duplicate_member_fails"].needs == "a change of the tenant (none is made here)"


def test_what_is_observed_beside_the_switches(tenant: Tenant) -> None:
    tenant.seed(**a_seed())
    found = learn(tenant).observations
    assert {name: each.value for name, each in found.items()} == {
        "page_size": "honoured",
        "filter_by_profile_type": "honoured",
        "profile_states": ["RUNNING"],
        "member_sources": ["ACCESS_PROFILE_MEMBERSHIP", "BIRTHRIGHT"],
        "identities_readable": True,
        "request_id_header": True,
        "rate_limit_headers": [],
    }
    assert found["member_sources"].why == "ACCESS_PROFILE_MEMBERSHIP (4), BIRTHRIGHT (16)"


def test_the_headers_of_a_rate_limit_are_listed_by_their_names_alone(tenant: Tenant) -> None:
    headers = {"X-RateLimit-Remaining": "7", "Retry-After": "1", "X-Ana": "Ruiz"}
    tenant.fault(headers=headers, count=None)
    found = learn(tenant).observations["rate_limit_headers"]
    assert found.value == ["retry-after", "x-ratelimit-remaining"]
    assert "Ruiz" not in found.why


def test_what_a_key_may_not_read_is_unknown_and_says_so(tenant: Tenant) -> None:
    tenant.seed(**a_seed())
    tenant.fault(path="lifecycle_managers$", status=403, count=None)
    tenant.fault(path="/members$", status=403, count=None)
    learned = learn(tenant)
    assert learned.switches["quick_start_datasources"].why == "the tenant answers 403"
    assert learned.switches["bare_member_list"].why == "the tenant answers 403"
    assert learned.switches["integer_enumerations"].value is False


def test_what_the_tenant_fails_at_is_unknown_and_not_asked_for_again_and_again(tenant: Tenant) -> None:
    tenant.seed(**a_seed())
    tenant.fault(path="/members$", status=500, count=None)
    tenant.fault(path="lifecycle_managers$", reset="before_commit", count=None)
    learned = learn(tenant, max_retries=0)
    assert learned.switches["bare_member_list"].why == "the tenant answers 500"
    assert learned.switches["reference_datasources"].why == "an answer did not arrive"
    # The second one is for a profile that does not exist.
    assert len(tenant.requests(path="/members$")) == 2
    assert len(tenant.requests(path="lifecycle_managers$")) == 1


def test_texts_that_are_kept_as_they_were_sent_are_likely_to_be_kept(tenant: Tenant) -> None:
    types = [{"id": "t", "name": " R&D "}, {"id": "u", "name": "Re\u0301sume\u0301"}]
    tenant.seed(types=types, profiles=[{"name": "p", "profile_type": "t", "custom_properties": {"level": 3}}])
    learned = learn(tenant).switches
    for name in ("trims_texts", "escapes_texts", "lowercases_texts", "composes_texts", "custom_properties_as_texts"):
        assert (name, learned[name].value, learned[name].sure) == (name, False, Sure.LIKELY)
    tenant.reset()
    tenant.quirks(escapes_texts=True)
    tenant.seed(types=types)
    assert learn(tenant).switches["escapes_texts"].value is True


def test_the_switches_that_reads_tell_are_told_of_a_tenant_with_something_of_everything(tenant: Tenant) -> None:
    tenant.seed(**a_seed())
    tenant.create_draft("profile-0")
    learned = learn(tenant)
    assert {name for name in TOLD_BY_READS if learned.switches[name].sure is not Sure.CERTAIN} == set()


# What the simulator does with it


def test_the_simulator_sets_what_is_sure_enough_and_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        minimal_types=True,
        random_order={"value": True, "sure": "likely"},
        bare_member_list={"value": True, "sure": "unknown"},
        access_request_states=["NEW", "DONE"],
        new_profile_unlisted_reads=3,
    )
    found = like.applied(like.read(file), Quirks(unique_names=True))
    assert found == Quirks(
        unique_names=True,
        minimal_types=True,
        random_order=True,
        access_request_states=["NEW", "DONE"],
        new_profile_unlisted_reads=3,
    )


def test_a_simulated_tenant_is_like_the_file_from_the_start(tmp_path: Path) -> None:
    file = written(tmp_path, integer_enumerations=True, a_later_switch=True)
    with Tenant.start(seed="demo", extra=["--like", str(file)]) as tenant:
        assert tenant.state()["quirks"] == Quirks(integer_enumerations=True).model_dump()


def test_a_switch_of_a_later_file_is_left_aside_with_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, b_later_switch=7, a_later_switch=True)
    with Tenant.start(extra=["--like", str(file)]):
        assert capfd.readouterr().err == (
            f"--like {file}: this simulator has no switch a_later_switch, b_later_switch, which is left aside: "
            "a newer one may\n"
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "it cannot be read: No such file or directory"),
        (": [", "it is no YAML: "),
        ("[]", "the whole: "),
        ("format: veza-tenant-behaviour\nversion: 2\nswitches: {}\n", "version: Input should be 1"),
        (
            "format: veza-tenant-behaviour\nversion: 1\nswitches: {random_order: {value: 3, sure: certain}}\n",
            "random_order: Input should be a valid boolean",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(text: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "tenant.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(like.UnusableBehaviourError) as refused:
        like.read(file)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
