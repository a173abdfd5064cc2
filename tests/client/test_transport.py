"""`pulumi_veza.client.transport`, over real HTTP: which failures are tried again, and what is said of the rest."""

from __future__ import annotations

import email.utils
import gzip
import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pulumi_veza import errors
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import Transport, logs
from pulumi_veza.client.transport import transport as transport_module
from pulumi_veza.client.transport.pacing import Pacing
from tests.client.conftest import API_KEY, Time
from tests.support.scripted_server import TLS, Handler, ScriptedServer, Step, endless, reply, reset, silence

Connect = Callable[..., Transport]

OK = reply({"ok": True})


def send(transport: Transport, method: str = "GET", **options: Any) -> Any:
    given: dict[str, Any] = {"idempotent": method != "POST", "what": 'trying "it"', **options}
    return transport.request(method, "/path", **given)


def failure(transport: Transport, method: str = "GET", **options: Any) -> errors.VezaError:
    """Send what must fail, and hold what is true of every error."""
    with pytest.raises(errors.VezaError) as caught:
        send(transport, method, **options)
    error = caught.value
    text = str(error)
    assert text.isprintable()
    assert len(text) < 1500
    assert text.startswith('trying "it" ')
    whole = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert API_KEY not in whole
    assert error.__cause__ is None
    assert error.__context__ is None
    return error


# Which failures are tried again


def status(code: int) -> Any:
    return pytest.param(reply({"code": "c", "message": "m"}, status=code), id=str(code))


WHEN_IDEMPOTENT = [
    *(status(code) for code in (500, 502, 503, 504)),
    pytest.param(reset, id="reset"),
    pytest.param(silence, id="no answer in time"),
    pytest.param(reply({"a": 1}, length=1000), id="cut off"),
    pytest.param(reply(body=b'{"a": '), id="truncated JSON"),
    pytest.param(reply(body=b"<p>", content_type="text/html"), id="HTML"),
    pytest.param(reply(body=b""), id="empty"),
]
NEVER = [status(code) for code in (400, 401, 403, 404, 405, 408, 409, 410, 418, 422, 501, 505)] + [
    pytest.param(reply(status=302, location="/elsewhere"), id="redirect")
]


@pytest.mark.parametrize("step", WHEN_IDEMPOTENT)
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT"])
def test_an_idempotent_request_is_tried_again(
    connect: Connect, server: ScriptedServer, step: Step, method: str
) -> None:
    server.script += [step, step, OK]
    assert send(connect(timeout=0.2), method, json={"a": 1} if method != "GET" else None) == {"ok": True}
    assert len(server.requests) == 3
    assert len({(request.method, request.path, request.body) for request in server.requests}) == 1


@pytest.mark.parametrize("step", WHEN_IDEMPOTENT)
def test_what_may_have_been_carried_out_is_not_sent_again(connect: Connect, server: ScriptedServer, step: Step) -> None:
    server.script += [step, OK]
    error = failure(connect(timeout=0.2), "POST", json={})
    assert error.maybe_done
    assert len(server.requests) == 1


@pytest.mark.parametrize("step", NEVER)
@pytest.mark.parametrize("method", ["GET", "PATCH", "POST"])
def test_what_another_try_cannot_cure_is_not_tried_again(
    connect: Connect, server: ScriptedServer, time: Time, step: Step, method: str
) -> None:
    server.script += [step, OK]
    failure(connect(), method)
    assert len(server.requests) == 1
    assert not time.slept


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST"])
def test_a_rate_limit_is_always_tried_again(connect: Connect, server: ScriptedServer, method: str) -> None:
    server.script += [reply(status=429), reply(status=429), OK]
    assert send(connect(), method) == {"ok": True}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_always_tried_again(connect: Connect, time: Time, method: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        port = once.getsockname()[1]
    error = failure(connect(url=f"http://127.0.0.1:{port}", max_retries=3), method)
    assert isinstance(error, errors.ConnectionFailedError)
    assert not error.maybe_done
    assert len(time.slept) == 3
    assert "Connection refused" in str(error)
    assert "veza:url (VEZA_URL)" in str(error)
    assert "(4 attempts)" in str(error)


def test_status_and_headers_of_every_response_are_observed(connect: Connect, server: ScriptedServer) -> None:
    server.script += [reply(status=503), reply({}, X_Ray="7")]
    observed: list[tuple[int, str | None]] = []
    transport = connect(observe=lambda status, headers: observed.append((status, headers.get("x-ray"))))
    assert send(transport, "GET") == {}
    assert observed == [(503, None), (200, "7")]


def test_a_run_asks_no_more_for_a_while_once_the_key_was_refused(
    connect: Connect, server: ScriptedServer, time: Time
) -> None:
    server.script += [reply({"message": "no such key"}, status=401), OK]
    transport = connect(give_up_for=60)
    first = failure(transport)
    time.now += 59
    again = failure(transport, "POST", json={})
    assert len(server.requests) == 1
    assert isinstance(again, errors.AuthenticationError)
    assert again.status == 401
    assert not again.maybe_done
    assert "was not tried" in str(again)
    assert str(first) in str(again)
    time.now += 2
    assert send(transport, "GET") == {"ok": True}


def test_a_run_asks_no_more_for_a_while_once_the_tenant_could_not_be_reached(connect: Connect, time: Time) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        port = once.getsockname()[1]
    transport = connect(url=f"http://127.0.0.1:{port}", max_retries=2, give_up_for=60)
    failure(transport)
    waited = len(time.slept)
    assert isinstance(failure(transport), errors.ConnectionFailedError)
    assert len(time.slept) == waited


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("code", [403, 404, 409, 429, 500])
def test_any_other_failure_keeps_no_other_request_from_being_sent(
    connect: Connect, server: ScriptedServer, method: str, code: int
) -> None:
    server.script += [reply(status=code), OK]
    transport = connect(max_retries=0, give_up_for=60)
    failure(transport, method)
    assert send(transport, "GET") == {"ok": True}


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_the_number_of_retries_is_a_setting(connect: Connect, server: ScriptedServer, retries: int) -> None:
    server.script += [reply(status=503)] * 10
    error = failure(connect(max_retries=retries))
    assert isinstance(error, errors.ServerError)
    assert len(server.requests) == retries + 1
    assert ("attempts" in str(error)) == (retries > 0)


@pytest.mark.parametrize(("share", "pauses"), [(1, [0.5, 1, 2, 4, 8, 8]), (0.5, [0.25, 0.5, 1, 2, 4, 4]), (0, [])])
def test_the_pauses_grow_from_half_a_second_to_eight_with_full_jitter(
    connect: Connect,
    server: ScriptedServer,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
    share: float,
    pauses: list[float],
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: low + share * (high - low))
    server.script += [reply(status=503)] * 7
    failure(connect(max_retries=6))
    assert time.slept == pauses
    assert len(server.requests) == 7


# Retry-After


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("asked", ["7", "0.5", "60", " 12 "])
def test_retry_after_in_seconds_is_honoured(
    connect: Connect, server: ScriptedServer, time: Time, code: int, asked: str
) -> None:
    server.script += [reply(status=code, retry_after=asked), OK]
    send(connect())
    assert time.slept == [float(asked)]


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_retry_after_as_a_date_is_honoured(connect: Connect, server: ScriptedServer, time: Time, zone: str) -> None:
    moment = datetime.now(timezone.utc) + timedelta(seconds=40)
    date = email.utils.format_datetime(moment, usegmt=True).replace("GMT", zone)
    server.script += [reply(status=429, retry_after=date), OK]
    send(connect())
    assert len(time.slept) == 1
    assert 30 < time.slept[0] <= 40


@pytest.mark.parametrize(
    "asked",
    [
        *("61", "86400", "1e308", "inf", "nan", "-5", "0", "", "soon", "3 s"),
        *("Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999999999999 23:59:59 GMT"),
    ],
)
def test_a_retry_after_that_makes_no_sense_falls_back_to_the_usual_pause(
    connect: Connect, server: ScriptedServer, time: Time, asked: str
) -> None:
    server.script += [reply(status=429, retry_after=asked), OK]
    send(connect())
    assert all(0 <= pause <= 0.5 for pause in time.slept)


# The deadline


def test_no_pause_reaches_beyond_the_deadline(connect: Connect, server: ScriptedServer, time: Time) -> None:
    server.script += [reply(status=429, retry_after="40")] * 6
    error = failure(connect())
    assert isinstance(error, errors.RateLimitError)
    assert time.slept == [40, 40]
    assert len(server.requests) == 3


def test_a_request_may_not_take_longer_than_what_is_left_of_the_deadline(
    connect: Connect, server: ScriptedServer, time: Time
) -> None:
    server.script += [reply(status=429, retry_after="59.9"), silence]
    error = failure(connect(deadline=60, timeout=3600, max_retries=1))
    assert isinstance(error, errors.ResponseLostError)
    assert len(server.requests) == 2
    assert time.slept == [59.9]


def test_an_answer_that_never_ends_is_given_up_in_time(server: ScriptedServer) -> None:
    ticks = count()
    settings = Settings(url=server.url, api_key=API_KEY, timeout=5, max_retries=0)
    server.script.append(endless)
    with closing(Transport(settings, clock=lambda: float(next(ticks)))) as transport:
        assert "did not end in time" in str(failure(transport))


# May it have been done?


def test_an_earlier_attempt_that_may_have_been_done_is_not_forgotten(connect: Connect, server: ScriptedServer) -> None:
    server.script += [reset, reply(status=404)]
    error = failure(connect(), "PATCH")
    assert isinstance(error, errors.NotFoundError)
    assert error.maybe_done


def test_a_read_never_did_anything(connect: Connect, server: ScriptedServer) -> None:
    transport = connect(max_retries=0, timeout=0.2)
    for step in (reset, silence, reply(status=500), reply(body=b"?")):
        server.script.append(step)
        assert not failure(transport, "GET").maybe_done


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 422, 429])
def test_what_the_api_refused_was_not_done(connect: Connect, server: ScriptedServer, code: int) -> None:
    server.script.append(reply(status=code))
    assert not failure(connect(max_retries=0), "POST").maybe_done


# What an error says


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (400, errors.InvalidRequestError, "correct what the API names"),
        (401, errors.AuthenticationError, "Administration > API Keys"),
        (403, errors.PermissionDeniedError, "use another key"),
        (404, errors.NotFoundError, "pulumi refresh"),
        (405, errors.ApiError, "veza:url"),
        (409, errors.ConflictError, "pulumi refresh"),
        (422, errors.InvalidRequestError, "correct what the API names"),
        (429, errors.RateLimitError, "veza:requestsPerSecond"),
        (500, errors.ServerError, "try again later"),
        (599, errors.ServerError, "try again later"),
    ],
)
def test_each_status_has_its_error_with_an_advice(
    connect: Connect, server: ScriptedServer, code: int, kind: type[errors.ApiError], advice: str
) -> None:
    body = {"code": "c", "message": "m", "details": ["d", {"field": "x"}], "request_id": "abc"}
    server.script.append(reply(body, status=code))
    error = failure(connect(max_retries=0))
    assert type(error) is kind
    assert (error.status, error.code, error.message, error.request_id) == (code, "c", "m", "abc")
    assert error.details == ("d", "field: x")
    assert str(error).startswith(f'trying "it" failed: {code} c "m" (d; field: x; request id abc): ')
    assert advice in str(error)


def test_a_refused_key_is_told_with_its_origin_and_how_destroy_finds_it(
    connect: Connect, server: ScriptedServer
) -> None:
    server.script.append(reply({}, status=401))
    text = str(failure(connect(api_key_origin="veza:apiKey")))
    assert "failed: 401 Unauthorized: " in text
    assert "(from veza:apiKey)" in text
    assert "with a renewed key add --run-program, or set both VEZA_URL and VEZA_API_KEY" in text


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Invalid API key", "copy it whole"),
        ("Malformed API key.", "characters that no key has"),
        ("unauthenticated", "create or renew it"),
    ],
)
def test_each_text_of_a_refused_key_has_its_advice(
    connect: Connect, server: ScriptedServer, message: str, advice: str
) -> None:
    server.script.append(reply({"code": 16, "message": message}, status=401))
    text = str(failure(connect(api_key_origin="veza:apiKey")))
    assert f'failed: 401 unauthenticated "{message}": the API key (from ' in text
    assert advice in text
    assert "--run-program" in text


def test_a_key_without_the_role_is_told_which(connect: Connect, server: ScriptedServer) -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "NEEDS_ADMIN", "domain": "veza.com"}
    server.script.append(reply({"code": 7, "message": "denied", "details": [detail]}, status=403))
    error = failure(connect())
    assert isinstance(error, errors.PermissionDeniedError)
    assert (error.code, error.reason) == ("PERMISSION_DENIED", "NEEDS_ADMIN")
    assert str(error) == (
        'trying "it" failed: 403 permission denied "denied" (NEEDS_ADMIN, veza.com): the owner of the API key must '
        "have the role Admin; use a personal key of an administrator (Administration > API Keys)"
    )


def test_the_request_id_is_also_taken_from_the_headers(connect: Connect, server: ScriptedServer) -> None:
    server.script.append(reply({"message": "no"}, status=403, x_request_id="r-1"))
    error = failure(connect())
    assert isinstance(error, errors.ApiError)
    assert error.request_id == "r-1"
    assert "(request id r-1)" in str(error)


def test_a_detail_that_the_message_holds_already_is_not_said_twice(connect: Connect, server: ScriptedServer) -> None:
    server.script.append(reply({"code": "c", "message": "bad: no name", "details": ["no name", "no type"]}, status=400))
    assert ' failed: 400 c "bad: no name" (no type): ' in str(failure(connect()))


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", None),
        (b" \r\n", None),
        (b"upstream  timed\nout", "upstream timed out"),
        (b"<html><title>502\nBad &amp; sad</title><body>", "an HTML page: 502 Bad & sad"),
        (b"<!doctype html><p>no", "an HTML page"),
        (b'{"code": "x", "mess', '{"code": "x", "mess'),
        (b'["a", 1]', '["a", 1]'),
        (b'"text"', '"text"'),
        (b"null", None),
        (b'{"error": "denied"}', "denied"),
        (b'{"error": {"code": 7, "message": "denied"}}', "denied"),
        (b'{"message": null}', None),
        (b'{"message": {"deep": ["er"]}}', "deep: er"),
        (b'{"message": "a\\u0000\\u001b[31mb\\u202ec\\r\\n  d"}', "a [31mb c d"),
        ('{"message": "zu groß, 大きすぎる"}'.encode(), "zu groß, 大きすぎる"),
        (b"\xff\xfe\x00bad", "\ufffd\ufffd bad"),
        (b"x" * 10_000_000, "x" * 300 + "..."),
        (json.dumps({"message": "y" * 2_000_000}).encode(), None),
        (DEEP, None),
        (b'{"message": "m", "details": ' + DEEP + b"}", None),
        (b'{"code": [], "message": "m", "details": {"a": 1}, "request_id": 7}', "m"),
        (b'{"message": NaN}', "NaN"),
    ],
)
def test_an_error_s_body_may_be_anything(
    connect: Connect, server: ScriptedServer, body: bytes, message: str | None
) -> None:
    server.script.append(reply(body=body, status=403))
    error = failure(connect())
    assert isinstance(error, errors.PermissionDeniedError)
    if message is not None or len(body) < 100:
        assert error.message == message
    else:
        assert error.message is None or len(error.message) <= 303


def test_a_connection_lost_within_an_error_s_body_leaves_the_status(connect: Connect, server: ScriptedServer) -> None:
    server.script.append(reply({"message": "x"}, status=403, length=1000))
    assert isinstance(failure(connect()), errors.PermissionDeniedError)


@pytest.mark.parametrize(
    "body",
    [
        f"your key {API_KEY} is bad",
        json.dumps({"message": f"Bearer {API_KEY}", "code": API_KEY, "details": [API_KEY], "request_id": API_KEY}),
        json.dumps({"error": {"message": {"authorization": API_KEY}}}),
        f"<title>{API_KEY}</title>",
        f"Bearer\n{API_KEY}\n",
        f"{API_KEY[:5]}\u200b{API_KEY[5:]}",
        f"{API_KEY[:9]}\r\n  {API_KEY[9:20]}\x00{API_KEY[20:]}",
        "x" * 295 + API_KEY,
    ],
)
def test_a_key_that_the_server_echoes_is_not_repeated(connect: Connect, server: ScriptedServer, body: str) -> None:
    server.script.append(reply(body=body.encode(), status=400, x_request_id=API_KEY))
    text = str(failure(connect())).replace(" ", "")
    assert not any(API_KEY[start : start + 5] in text for start in range(len(API_KEY) - 4))


@pytest.mark.parametrize(
    "echo", ["a-key%2Fthat%2Bmust%3Dnever%26be%27shown", "a-key/that+must=never&amp;be&#x27;shown"]
)
def test_a_key_in_another_spelling_is_not_repeated_either(connect: Connect, server: ScriptedServer, echo: str) -> None:
    server.script.append(reply(body=f"bad key {echo}".encode(), status=400))
    assert "never" not in str(failure(connect()))


def test_the_key_is_in_no_representation_and_no_log(
    connect: Connect, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    transport = connect(max_retries=0)
    server.script += [reply({}, x_echo=API_KEY), reply(status=500, x_echo=API_KEY), reason(f"no such key {API_KEY}")]
    with caplog.at_level(logging.DEBUG):
        send(transport)
        failure(transport)
        failure(transport)
    assert "GET /path: 200" in caplog.text
    assert caplog.text.count("receive_response_headers.complete") == 3
    assert caplog.text.count("(b'x-echo', b\"[API key]\")") == 2
    assert '401, b"no such key [API key]"' in caplog.text
    assert API_KEY not in caplog.text + repr(transport) + repr(vars(transport)["settings"])
    assert "never" not in caplog.text


def test_the_host_programs_logging_is_left_alone(
    connect: Connect, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    names = ["", "httpx", "httpcore", *logs.LOGGERS]
    before = [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names]
    server.script += [OK, OK]
    with caplog.at_level(logging.DEBUG, logger="httpcore"):
        send(connect())
        send(connect())
    assert "receive_response_headers.started request=<Request [b'GET']>" in caplog.text
    assert before == [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names]
    # One filter for all transports, which lets every record pass.
    assert all(len(logging.getLogger(name).filters) == 1 for name in logs.LOGGERS)


def test_the_key_of_a_closed_transport_is_no_longer_redacted(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    Transport(Settings(url=server.url, api_key="zq7wx-no-longer-used")).close()
    with caplog.at_level(logging.INFO):
        logging.getLogger("httpx").info("the text %s", "zq7wx-no-longer-used")
    assert "the text zq7wx-no-longer-used" in caplog.text


def reason(text: str) -> Step:
    """Refuse the key, with this reason in the status line."""

    def step(handler: Handler) -> None:
        handler.send_response(401, text)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return step


# Redirects


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_an_error_and_the_key_goes_nowhere_else(
    connect: Connect, server: ScriptedServer, code: int, method: str
) -> None:
    with closing(ScriptedServer()) as other:
        server.script.append(reply(status=code, location=f"{other.url}/login?token={API_KEY}"))
        error = failure(connect(), method)
        assert not other.requests
    assert isinstance(error, errors.UnexpectedResponseError)
    assert f"failed: {code}, a redirect to 127.0.0.1: redirects are not followed" in str(error)


@pytest.mark.parametrize("location", ["", "/login", "https://[", "\xff", "http://\x01", "//", "x" * 10_000])
def test_a_redirect_to_anything_is_an_error(connect: Connect, server: ScriptedServer, location: str) -> None:
    server.script.append(reply(status=302, location=location))
    assert isinstance(failure(connect(max_retries=0)), errors.RequestError)


# Answers that cannot be used


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (reply(body=b""), "is empty"),
        (reply(status=204, body=b""), "is empty"),
        (reply(body=b"<html>hello", content_type="text/html; charset=utf-8"), "is text/html; charset=utf-8, not JSON"),
        (reply(body=b'{"a": 1'), "is not readable JSON"),
        (reply(body=b'{"a": NaN}'), "is not readable JSON"),
        (reply(body=b"[1e999]"), "is not readable JSON"),
        (reply(body=b'"\xff\xff"'), "is not readable JSON"),
        (reply(body=DEEP), "is not readable JSON"),
        (reply(body=b"9" * 10_000), "is not readable JSON"),
        (reply(body=b"x", content_type=f"a/{API_KEY}"), "not JSON"),
    ],
)
def test_a_success_without_json_is_an_error(connect: Connect, server: ScriptedServer, step: Step, problem: str) -> None:
    server.script.append(step)
    error = failure(connect(), "POST")
    assert isinstance(error, errors.UnexpectedResponseError)
    assert problem in str(error)


def test_an_answer_too_large_for_the_memory_is_refused(
    connect: Connect, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "MAX_RESPONSE_BYTES", 2**20)
    server.script += [reply(body=b" " * 2**20 + b"1"), reply(body=b" " * (2**20 - 1) + b"1")]
    transport = connect(max_retries=0)
    assert "is larger than 1 MB" in str(failure(transport))
    assert send(transport) == 1


@pytest.mark.parametrize(
    "kind", [None, "application/json", "application/JSON; charset=utf-8", "application/problem+json"]
)
def test_any_kind_of_json_is_read(connect: Connect, server: ScriptedServer, kind: str | None) -> None:
    server.script.append(reply({"a": ["ü", 1.5]}, content_type=kind))
    assert send(connect()) == {"a": ["ü", 1.5]}


# What is sent


def test_a_request_carries_the_key_and_who_sends_it(connect: Connect, server: ScriptedServer) -> None:
    server.script += [OK, OK]
    transport = connect()
    send(transport, params={"a": "b c+&=/?ü", "n": 3, "yes": True, "no": False, "left out": None, "empty": ""})
    send(transport, "POST", json={"name": "ü", "none": None})
    get, post = server.requests
    assert get.headers["Authorization"] == f"Bearer {API_KEY}"
    assert get.headers["User-Agent"].startswith("pulumi-veza/")
    assert get.headers["Accept"] == "application/json"
    assert "Content-Type" not in get.headers
    assert get.query == {"a": "b c+&=/?ü", "n": "3", "yes": "true", "no": "false"}
    assert post.headers["Content-Type"] == "application/json"
    assert post.body == '{"name":"ü","none":null}'.encode()


@pytest.mark.parametrize("body", [{"a": float("nan")}, [float("inf")], {"a": "\ud800"}, {"a": {1, 2}}, {(1,): 1}])
def test_what_json_cannot_hold_is_never_sent(connect: Connect, server: ScriptedServer, body: Any) -> None:
    error = failure(connect(), "POST", json=body)
    assert isinstance(error, errors.RefusedError)
    assert not error.maybe_done
    assert not server.requests


def test_what_is_tried_is_told_in_one_line(connect: Connect, server: ScriptedServer) -> None:
    server.script.append(reply(status=400))
    text = str(failure(connect(), what='trying "it"\n' + "and more " * 100))
    assert text.startswith('trying "it" and more and more')


# Many threads


def test_many_threads_share_one_transport(connect: Connect, server: ScriptedServer) -> None:
    server.script += [reply({"n": number}) for number in range(80)]
    transport = connect()
    got: list[int] = []

    def work() -> None:
        got.extend(send(transport)["n"] for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(80))


def test_pacing_gives_every_thread_a_moment_of_its_own() -> None:
    pacing = Pacing(0.25, clock=lambda: 100.0)
    waits: list[float] = []

    def work() -> None:
        waits.extend(pacing.reserve() for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [number * 0.25 for number in range(400)]


def test_only_one_thread_at_a_time_is_given_a_moment() -> None:
    meeting = threading.Barrier(2)
    met: list[bool] = []

    def clock() -> float:
        try:
            meeting.wait(timeout=0.2)
        except threading.BrokenBarrierError:
            met.append(False)
        else:
            met.append(True)
        return 0.0

    pacing = Pacing(1, clock)
    threads = [threading.Thread(target=pacing.reserve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == [False, False]


def test_requests_are_spaced_as_the_setting_says_and_an_idle_time_is_no_credit(
    connect: Connect, server: ScriptedServer, time: Time
) -> None:
    server.script += [OK, OK, OK, OK]
    transport = connect(requests_per_second=4)
    send(transport)
    send(transport)
    send(transport)
    assert time.slept == [0.25, 0.25]
    time.now += 100
    send(transport)
    assert time.slept == [0.25, 0.25]


def test_a_retry_keeps_the_pace_too(connect: Connect, server: ScriptedServer, time: Time) -> None:
    server.script += [reply(status=503), OK]
    send(connect(requests_per_second=0.1))
    assert time.slept == [10]


# Connections


def test_no_such_host_is_told_as_such(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = failure(connect(url="https://acme.vezacloud.example", max_retries=1), "POST")
    assert isinstance(error, errors.ConnectionFailedError)
    assert "there is no such host name; check veza:url (VEZA_URL)" in str(error)


def test_an_untrusted_certificate_is_refused_at_once(connect: Connect, time: Time) -> None:
    with closing(ScriptedServer(tls=True)) as server:
        error = failure(connect(url=server.url), "POST")
        assert not server.requests
    assert isinstance(error, errors.ConnectionFailedError)
    assert not error.maybe_done
    assert "veza:caBundle (VEZA_CA_BUNDLE)" in str(error)
    assert not time.slept


def test_a_certificate_in_the_ca_bundle_is_trusted(connect: Connect) -> None:
    with closing(ScriptedServer(tls=True)) as server:
        server.script.append(OK)
        transport = connect(url=server.url, ca_bundle=str(TLS / "certificate.pem"))
        assert send(transport) == {"ok": True}
        transport.close()


def test_a_certificate_for_another_name_is_refused(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **options: real("127.0.0.1", *rest, **options))
    with closing(ScriptedServer(tls=True)) as server:
        url = server.url.replace("127.0.0.1", "acme.example")
        error = failure(connect(url=url, ca_bundle=str(TLS / "certificate.pem")))
        assert not server.requests
    assert isinstance(error, errors.ConnectionFailedError)


def test_a_server_without_tls_is_told_as_a_failed_connection(connect: Connect, server: ScriptedServer) -> None:
    error = failure(connect(url=server.url.replace("http:", "https:"), max_retries=0), "POST")
    assert isinstance(error, errors.ConnectionFailedError)
    assert "speaks no TLS that can be used; check veza:url (VEZA_URL) and its port" in str(error)
    assert not server.requests


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_bundle_that_cannot_be_read_is_told_before_anything_is_sent(
    connect: Connect, tmp_path: Path, content: bytes | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(errors.SettingsError, match=r"veza:caBundle \(VEZA_CA_BUNDLE\) cannot be used") as caught:
        connect(ca_bundle=str(bundle))
    assert str(caught.value).isprintable()


def test_a_proxy_that_refuses_is_told_as_such(
    connect: Connect, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    error = failure(connect(url="https://acme.vezacloud.example", max_retries=0), "POST")
    assert isinstance(error, errors.ConnectionFailedError)
    assert "HTTPS_PROXY" in str(error)
    assert not error.maybe_done


def test_plain_http_to_this_machine_never_takes_the_key_to_a_proxy(
    connect: Connect, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script.append(OK)
    with closing(ScriptedServer()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert send(connect()) == {"ok": True}
        assert not proxy.requests


@pytest.mark.parametrize("proxy", ["gopher://proxy.example", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_told_before_anything_is_sent(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(errors.SettingsError, match="HTTPS_PROXY"):
        connect(url="https://acme.vezacloud.example")


@pytest.mark.parametrize("url", ["https://256.1.1.1", "https://xn--a.example"])
def test_a_host_name_that_only_looks_like_one_is_told_as_such(connect: Connect, time: Time, url: str) -> None:
    error = failure(connect(url=url), "POST")
    assert isinstance(error, errors.ConnectionFailedError)
    assert 'trying "it" was not sent (' in str(error)
    assert not error.maybe_done
    assert not time.slept


@pytest.mark.parametrize("text", [{"ok": "\u00e9" * 5000}, {"values": list(range(20_000))}])
def test_a_packed_response_is_unpacked(connect: Connect, server: ScriptedServer, text: dict[str, Any]) -> None:
    server.script.append(reply(body=gzip.compress(json.dumps(text).encode()), content_encoding="gzip"))
    assert send(connect()) == text
    assert server.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "body", [b"no gzip at all", gzip.compress(b'{"a": 1}' * 1000)[:40]], ids=["not packed", "packed and cut off"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_response_that_cannot_be_unpacked_counts_as_none(
    connect: Connect, server: ScriptedServer, body: bytes, method: str
) -> None:
    server.script += [reply(body=body, content_encoding="gzip"), OK]
    if method == "GET":
        assert send(connect()) == {"ok": True}
    else:
        assert failure(connect(), method).maybe_done
        assert len(server.requests) == 1


def test_an_error_that_cannot_be_unpacked_is_told_by_its_status(connect: Connect, server: ScriptedServer) -> None:
    server.script.append(reply(body=b"no gzip", status=403, content_encoding="gzip"))
    assert isinstance(failure(connect()), errors.PermissionDeniedError)


def test_nothing_is_sent_through_what_is_closed(connect: Connect, server: ScriptedServer) -> None:
    transport = connect()
    transport.close()
    with pytest.raises(RuntimeError, match="closed"):
        send(transport)
    assert not server.requests


def test_an_address_too_long_to_be_sent_is_told_as_such(connect: Connect, server: ScriptedServer) -> None:
    error = failure(connect(), params={"filter": "x" * 70_000})
    assert "was not sent (URL component" in str(error)
    assert not server.requests
