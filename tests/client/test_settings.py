"""`pulumi_veza.client.settings`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.client.address import TenantMove, normalised, tenant_move
from pulumi_veza.client.settings import SETTINGS, Settings, load
from pulumi_veza.errors import SettingsError

URL = "https://acme.vezacloud.com"
GIVEN = {"veza:url": URL, "veza:apiKey": "abc"}


def problem(config: dict[str, str], environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load(config, environ or {})
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_the_configuration_alone_is_enough() -> None:
    settings = load(GIVEN, {})
    assert (settings.url, settings.api_key, settings.api_key_origin) == (URL, "abc", "veza:apiKey")


def test_the_defaults_are_those_of_the_documentation() -> None:
    settings = load(GIVEN, {})
    assert (settings.max_retries, settings.timeout, settings.page_size, settings.deadline) == (5, 30.0, 100, 90.0)
    assert settings.ca_bundle is None
    assert settings.requests_per_second is None
    assert settings.parallelism == 16


def test_every_setting_can_be_given_in_either_way_and_the_environment_wins() -> None:
    values: dict[str, tuple[str, Any, str, Any]] = {
        "url": ("a.example", "https://a.example", "https://A.example:443", "https://a.example"),
        "api_key": ("one", "one", "two", "two"),
        "max_retries": ("1", 1, "2", 2),
        "timeout": ("1.5", 1.5, "2", 2.0),
        "page_size": ("10", 10, "20", 20),
        "ca_bundle": ("/a.pem", "/a.pem", "/b.pem", "/b.pem"),
        "requests_per_second": ("3", 3.0, "4", 4.0),
        "parallelism": ("8", 8, "32", 32),
        "deadline": ("60", 60.0, "50", 50.0),
        "allow_removals": ("1-a", "1-a", "2-b,3-c", "2-b,3-c"),
    }
    assert [setting.name for setting in SETTINGS] == list(values)
    config = {setting.config_name: values[setting.name][0] for setting in SETTINGS}
    environ = {setting.env_name: values[setting.name][2] for setting in SETTINGS}
    from_config, from_environ, from_both = load(config, {}), load({}, environ), load(config, environ)
    for name, (_, configured, _, in_environment) in values.items():
        assert getattr(from_config, name) == configured
        assert getattr(from_environ, name) == getattr(from_both, name) == in_environment
    assert from_both.api_key_origin == "VEZA_API_KEY"


A, B = "https://a.example", "https://b.example"


@pytest.mark.parametrize(
    ("config", "environ", "arguments", "pair"),
    [
        # From one place.
        ((B, "kb"), (None, None), (None, None), (B, "kb", "veza:apiKey")),
        ((None, None), (A, "ka"), (None, None), (A, "ka", "VEZA_API_KEY")),
        ((B, None), (None, "ka"), (None, None), (B, "ka", "VEZA_API_KEY")),
        ((None, "kb"), (A, None), (None, None), (A, "kb", "veza:apiKey")),
        # A pair keeps its key: the environment's is for another address as far as anybody knows.
        ((B, "kb"), (None, "ka"), (None, None), (B, "kb", "veza:apiKey")),
        ((None, "kb"), (A, "ka"), (None, None), (A, "ka", "VEZA_API_KEY")),
        # One address in two spellings.
        ((B, "kb"), ("B.example:443/", "ka"), (None, None), (B, "ka", "VEZA_API_KEY")),
        ((B, "kb"), ("b.example", None), (None, None), (B, "kb", "veza:apiKey")),
        ((B, None), ("b.example", "ka"), (None, None), (B, "ka", "VEZA_API_KEY")),
        # Two addresses, one with a key of its own.
        ((B, "kb"), (A, "ka"), (None, None), (B, "kb", "veza:apiKey")),
        ((B, "kb"), (A, None), (None, None), (B, "kb", "veza:apiKey")),
        # Arguments.
        ((B, "kb"), (A, "ka"), ("c.example", "kc"), ("https://c.example", "kc", "argument")),
        ((None, None), (A, "ka"), ("a.example", None), (A, "ka", "VEZA_API_KEY")),
        ((None, None), (None, "ka"), (A, None), (A, "ka", "VEZA_API_KEY")),
        ((B, "kb"), (A, "ka"), (B, None), (B, "kb", "veza:apiKey")),
        ((None, None), (A, "ka"), (None, "kc"), (A, "kc", "argument")),
    ],
)
def test_an_address_and_its_key_come_from_one_place(
    config: tuple[str | None, str | None],
    environ: tuple[str | None, str | None],
    arguments: tuple[str | None, str | None],
    pair: tuple[str, str, str],
) -> None:
    settings = load(
        _given(("veza:url", "veza:apiKey"), config),
        _given(("VEZA_URL", "VEZA_API_KEY"), environ),
        arguments=_given(("url", "api_key"), arguments),
    )
    assert (settings.url, settings.api_key, settings.api_key_origin) == pair
    left_aside = environ[0] == A and settings.url == B and arguments == (None, None)
    assert settings.unused_url == (A if left_aside else None)
    alone = config == (None, "kb") and environ == (A, "ka") and arguments == (None, None)
    assert settings.key_left_aside == alone
    assert (settings.left_aside is not None) == (left_aside or alone)


def test_a_key_without_an_address_beside_a_pair_is_warned_of_unless_it_is_the_same() -> None:
    warning = load({"veza:apiKey": "kb"}, {"VEZA_URL": A, "VEZA_API_KEY": "ka"}).left_aside
    assert warning is not None
    assert warning.startswith(
        "veza:apiKey is not used: no veza:url is beside it, and the environment brings the address"
    )
    assert "kb" not in warning
    assert load({"veza:apiKey": "ka"}, {"VEZA_URL": A, "VEZA_API_KEY": "ka"}).left_aside is None


def _given(names: tuple[str, str], values: tuple[str | None, str | None]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


addresses = st.sampled_from([None, " ", A, "A.example:443/", B, "b.example"])


@given(addresses, addresses, addresses, st.tuples(*[st.booleans()] * 3))
def test_no_key_is_ever_sent_to_an_address_that_it_is_not_for(
    argument: str | None, environ: str | None, config: str | None, keys: tuple[bool, bool, bool]
) -> None:
    """A key is for the address that its own place names; alone, it is for that of whoever has no key beside it."""
    key_of = [name if given else None for name, given in zip(("argument", "environ", "config"), keys, strict=True)]
    try:
        settings = load(
            _given(("veza:url", "veza:apiKey"), (config, key_of[2])),
            _given(("VEZA_URL", "VEZA_API_KEY"), (environ, key_of[1])),
            arguments=_given(("url", "api_key"), (argument, key_of[0])),
        )
    except SettingsError:
        return
    named = {
        place: normalised(address) if address and address.strip() else None
        for place, address in (("argument", argument), ("environ", environ), ("config", config))
    }
    assert settings.url in named.values()
    assert named[settings.api_key] in {settings.url, None}
    # Whoever brings a pair keeps it, unless an argument or the same address elsewhere says otherwise.
    if named["config"] and key_of[2] and named["environ"] != named["config"] and not (argument or key_of[0]):
        assert (settings.url, settings.api_key) == (named["config"], "config")


@pytest.mark.parametrize(
    ("config", "environ", "arguments"),
    [
        ({"veza:url": B}, {"VEZA_URL": A, "VEZA_API_KEY": "sEcReT"}, {}),
        ({"veza:url": B}, {"VEZA_URL": A}, {}),
        ({"veza:url": B, "veza:apiKey": "sEcReT"}, {"VEZA_URL": A}, {"api_key": "own"}),
        ({}, {"VEZA_URL": A, "VEZA_API_KEY": "sEcReT"}, {"url": B}),
        ({"veza:url": A, "veza:apiKey": "sEcReT"}, {}, {"url": B}),
    ],
)
def test_two_addresses_of_which_only_one_can_be_meant_are_an_error_that_names_both(
    config: dict[str, str], environ: dict[str, str], arguments: dict[str, object]
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(config, environ, arguments=arguments)
    text = str(refused.value)
    assert A in text
    assert B in text
    assert "sEcReT" not in text
    assert "unset" in text or "write the url beside" in text


def test_the_move_of_a_tenant_is_confirmed_by_exactly_its_two_addresses() -> None:
    assert tenant_move({}) is tenant_move({"VEZA_TENANT_MOVED": " "}) is None
    assert tenant_move({"VEZA_TENANT_MOVED": "A.example:443=http://localhost:80/"}) == TenantMove(A, "http://localhost")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("yes", "names no two addresses"),
        (A, "names no two addresses"),
        (f"={B}", "the old address"),
        (f"{A}=", "the new address"),
        (f"{A}={B}={A}", "the new address"),
        (f"{A}=http://b.example", "unencrypted"),
        (f"me:sEcReT@a.example={B}", "user name or password"),
        (f"{A}=A.example", f"names {A} twice"),
    ],
)
def test_a_move_that_cannot_be_read_is_refused_with_what_to_write(text: str, because: str) -> None:
    with pytest.raises(SettingsError) as refused:
        tenant_move({"VEZA_TENANT_MOVED": text})
    assert because in str(refused.value)
    assert "write VEZA_TENANT_MOVED='OLD=NEW'" in str(refused.value)
    assert "sEcReT" not in str(refused.value)


def test_the_names_are_those_that_users_know() -> None:
    names = {setting.name: (setting.config_name, setting.env_name) for setting in SETTINGS}
    assert names["api_key"] == ("veza:apiKey", "VEZA_API_KEY")
    assert names["requests_per_second"] == ("veza:requestsPerSecond", "VEZA_REQUESTS_PER_SECOND")


def test_every_setting_is_documented_in_a_sentence() -> None:
    assert all(setting.documentation.endswith(".") for setting in SETTINGS)


def test_an_argument_wins_over_everything() -> None:
    settings = load(GIVEN, {"VEZA_API_KEY": "env"}, arguments={"api_key": "arg", "timeout": 3, "page_size": None})
    assert (settings.api_key, settings.api_key_origin, settings.timeout, settings.page_size) == (
        "arg",
        "argument",
        3,
        100,
    )


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_value_counts_as_absent(blank: str) -> None:
    settings = load(GIVEN, {"VEZA_URL": blank, "VEZA_API_KEY": blank, "VEZA_TIMEOUT": blank})
    assert (settings.url, settings.api_key_origin, settings.timeout) == (URL, "veza:apiKey", 30.0)
    assert "veza:url is not set" in problem({**GIVEN, "veza:url": blank})


def test_without_another_environment_the_process_s_own_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEZA_PAGE_SIZE", "7")
    assert load(GIVEN).page_size == 7


def test_what_is_missing_is_named_with_both_ways_of_giving_it() -> None:
    text = problem({})
    assert "`pulumi config set veza:url https://TENANT.vezacloud.com` or VEZA_URL=" in text
    assert "`pulumi config set --secret veza:apiKey` or VEZA_API_KEY" in text


def test_other_namespaces_are_none_of_our_business() -> None:
    assert load({**GIVEN, "aws:region": "x", "vezacorp:apikey": "y"}, {}).url == URL


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("veza:apikey", "veza:apiKey"),
        ("veza:api_key", "veza:apiKey"),
        ("veza:maxRetrys", "veza:maxRetries"),
        ("url", "veza:url"),
        ("apiKey", "veza:apiKey"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant(name: str, meant: str) -> None:
    text = problem({**GIVEN, name: "sEcReT"})
    assert name in text
    assert f"did you mean {meant}?" in text
    assert "sEcReT" not in text


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("acme.vezacloud.com", URL),
        ("ACME.vezacloud.com:8443", "https://acme.vezacloud.com:8443"),
        (f" {URL}/ ", URL),
        (f"{URL}///", URL),
        ("HTTPS://acme.vezacloud.com", URL),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        (f"{URL}:443", URL),
        (f"{URL}:", URL),
        ("acme.vezacloud.com:80", f"{URL}:80"),
        ("http://[0:0::1]:8080", "http://[::1]:8080"),
        ("http://127.8.9.1:1", "http://127.8.9.1:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_normalised(given_url: str, url: str) -> None:
    assert Settings(url=given_url, api_key="k").url == url


@pytest.mark.parametrize(
    ("given_url", "because"),
    [
        ("http://acme.vezacloud.com", "unencrypted"),
        ("http://127.0.0.1.evil.example", "unencrypted"),
        ("http://localhost.evil.example", "unencrypted"),
        ("http://0.0.0.0", "unencrypted"),
        ("ftp://acme.vezacloud.com", "https://"),
        (f"{URL}/api/private", "address alone"),
        (f"{URL}?a=b", "address alone"),
        (f"{URL}#a", "address alone"),
        ("https://", "not the address"),
        ("https://a..b", "not the address"),
        (f"https://{'a' * 64}.example", "not the address"),
        (f"https://{'a.' * 130}example", "not the address"),
        ("https://acme.vezacloud.com:port", "not the address"),
        ("https://acme.vezacloud.com:99999", "not the address"),
        ("https://[::1", "not the address"),
        ("https://[fe80::1%eth0]", "not the address"),
        ("https://acme .com", "white space"),
        ("https://acme.com\n.example", "white space"),
        ("https://äcme.com", "ASCII"),
    ],
)
def test_an_unusable_address_is_refused_with_the_reason(given_url: str, because: str) -> None:
    text = problem({**GIVEN, "veza:url": given_url})
    assert text.startswith("veza:url ")
    assert because in text
    assert "VEZA_URL" in text


@pytest.mark.parametrize(
    "given_url", ["https://me:sEcReT@acme.example", "me:sEcReT@acme.example", "https://acme.example/@"]
)
def test_an_address_with_a_password_is_refused_without_repeating_it(given_url: str) -> None:
    text = problem({**GIVEN, "veza:url": given_url})
    assert "user name or password" in text
    assert "sEcReT" not in text


@pytest.mark.parametrize("key", ["two words", "line\n", " padded", "tab\t", "nul\0", "umläut", "\x7f", "\u200bx"])
def test_a_key_that_cannot_be_one_is_refused_without_repeating_it(key: str) -> None:
    text = problem({**GIVEN, "veza:apiKey": key})
    assert text.startswith("veza:apiKey ")
    assert key not in text
    assert repr(key)[1:-1] not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("veza:maxRetries", "many"),
        ("veza:maxRetries", "-1"),
        ("veza:maxRetries", "1.5"),
        ("veza:maxRetries", "21"),
        ("veza:timeout", "0"),
        ("veza:timeout", "nan"),
        ("veza:timeout", "inf"),
        ("veza:timeout", "30s"),
        ("veza:pageSize", "0"),
        ("veza:pageSize", "101"),
        ("veza:requestsPerSecond", "0"),
        ("veza:deadline", "-5"),
    ],
)
def test_a_number_out_of_bounds_is_refused_with_its_bounds(name: str, value: str) -> None:
    text = problem({**GIVEN, name: value})
    assert text.startswith(f"{name} is {value!r}, but must be a")
    assert f"`pulumi config set {name} " in text
    assert " from " in text


def test_an_overlong_value_is_not_repeated_in_full() -> None:
    assert len(problem({**GIVEN, "veza:timeout": "9" * 10_000 + "x"})) < 300


def test_an_unknown_argument_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(SettingsError, match="did you mean timeout"):
        load(GIVEN, {}, arguments={"time_out": 3})


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=8))
def test_the_key_is_in_no_representation(key: str) -> None:
    settings = Settings(url=URL, api_key=f"<<{key}>>")
    assert settings.api_key == f"<<{key}>>"
    assert f"<<{key}>>" not in repr(settings) + str(settings)


def test_a_refused_value_is_named_as_it_is_called_where_it_was_given() -> None:
    for config, environ, called in (
        ({"veza:url": "ftp://acme"}, {}, "veza:url"),
        ({}, {"VEZA_URL": "ftp://acme"}, "VEZA_URL"),
        (GIVEN, {"VEZA_TIMEOUT": "soon"}, "VEZA_TIMEOUT"),
    ):
        with pytest.raises(SettingsError, match=f"^{called} ") as refused:
            load(config, environ)
        assert refused.value.in_environment.startswith(called)
