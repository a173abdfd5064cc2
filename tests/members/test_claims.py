"""`pulumi_veza.provider.claims`: who owns what in a run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pulumi_veza.provider.claims import Claims, Owner

ONE, OTHER = Owner("MembershipSet", "one"), Owner("MembershipSet", "other")


def test_the_first_to_claim_holds_and_the_next_is_told_who() -> None:
    claims = Claims()
    assert claims.holder(("profile", "p")) is None
    assert claims.claim(("profile", "p"), ONE) is None
    assert claims.claim(("profile", "p"), OTHER) == ONE
    assert claims.claim(("profile", "p"), ONE) is None
    assert claims.claim(("content", "p"), OTHER) is None
    assert claims.holder(("profile", "p")) == ONE


def test_a_claim_passes_on_to_what_an_alias_renamed() -> None:
    claims = Claims()
    claims.claim("p", ONE)
    assert claims.claim("p", "MembershipSet 'new'", ONE) is None
    assert claims.holder("p") == "MembershipSet 'new'"
    assert claims.claim("p", OTHER, "MembershipSet 'older'") == "MembershipSet 'new'"


def test_one_of_many_threads_wins() -> None:
    claims = Claims()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: claims.claim("p", f"r{number}"), range(100)))
    assert answers.count(None) == 1
    winner = answers.index(None)
    assert {each for each in answers if each} == {f"r{winner}"}


def test_nobody_is_removed_whom_another_set_lists() -> None:
    claims = Claims()
    claims.register_members("p", "current", ONE, ["ana", "bob"])
    claims.register_members("p", "1", OTHER, ["bob", "eve"])
    assert claims.remove_members("p", {"current", "1"}, ONE, ["ana", "bob", "eve", "dan"]) == {"ana", "dan"}
    assert claims.listed_elsewhere("p", {"current", "1"}, OTHER) == {"ana", "bob"}
    assert claims.listed_elsewhere("p", {"2"}, OTHER) == set()
    assert claims.listed_elsewhere("q", {"1"}, OTHER) == set()


def test_a_set_that_is_deleted_leaves_everybody_whom_the_run_lists() -> None:
    claims = Claims()
    claims.register_members("p", "current", ONE, ["ana"])
    assert claims.remove_members("p", {"1", "current"}, None, ["ana", "bob"]) == {"bob"}


def test_a_set_is_shown_whom_another_one_has_removed() -> None:
    claims = Claims()

    def lost(selector: str, owner: str, *ids: str) -> frozenset[str]:
        claims.register_members("p", selector, owner, ids)
        return claims.lost_members("p", selector, owner)

    assert lost("current", ONE, "ana") == set()
    assert claims.remove_members("p", ["current", "1"], ONE, ["bob"]) == {"bob"}
    assert lost("1", OTHER, "bob", "eve") == {"bob"}
    assert lost("current", OTHER, "eve") == set()
    assert lost("2", OTHER, "bob") == set()


def test_a_set_that_lists_others_now_no_longer_holds_whom_it_listed() -> None:
    claims = Claims()
    claims.register_members("p", "1", ONE, ["ana"])
    claims.register_members("p", "1", ONE, ["bob"])
    assert claims.listed_elsewhere("p", {"1"}, OTHER) == {"bob"}


def test_the_changes_of_one_profile_take_turns() -> None:
    claims = Claims()
    assert claims.member_lock("p") is claims.member_lock("p")
    assert claims.member_lock("p") is not claims.member_lock("q")
