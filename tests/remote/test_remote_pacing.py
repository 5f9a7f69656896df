from __future__ import annotations

import inspect
import random
import ssl
import threading
import time
from contextlib import suppress

import pytest
import requests
import urllib3.exceptions
from requests.structures import CaseInsensitiveDict

from automation.errors import OutcomeUnknown, Refused, RemoteError, Throttled, Unreachable
from automation.remote import Pacer
from automation.remote.budget import Budget
from automation.remote.lanes import Abandoned, Lanes, pause
from automation.remote.limits import Kind, Limits, Rate
from automation.remote.pacing import steady
from automation.remote.session import BadStatus
from tests.remote.remote_world import StillTime

DATE = "Fri, 15 Jan 2027 08:00:00 GMT"  # what StillTime begins with
FUTURE = "Fri, 15 Jan 2027 08:00:30 GMT"
PAST = "Fri, 15 Jan 2027 07:00:00 GMT"


def bad(status, text="", **headers):
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return BadStatus(status, CaseInsensitiveDict(named), text)


def good(**headers):
    response = requests.Response()
    response.status_code = 200
    response.headers.update({name.replace("_", "-"): str(value) for name, value in headers.items()})
    return response


def unsent():
    pool = urllib3.HTTPConnectionPool("gitlab.example.com")
    connection = urllib3.connection.HTTPConnection("gitlab.example.com")
    new = urllib3.exceptions.NewConnectionError(connection, "Connection refused")
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", new))


def untrusted():
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    inner.verify_message = "self-signed certificate"
    return requests.exceptions.SSLError(urllib3.exceptions.SSLError(inner))


class Script:
    """Does what the script says, one step per request."""

    def __init__(self, *steps):
        self.steps = list(steps)
        self.sent = 0

    def __call__(self):
        self.sent += 1
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, BaseException):
            raise step
        return step


PASSING = [bad(status) for status in (408, 425, 429, 500, 502, 503, 504, 522)] + [
    requests.ReadTimeout(),
    requests.ConnectTimeout(),
    requests.ConnectionError("Connection aborted."),
    requests.exceptions.ChunkedEncodingError(),
    requests.exceptions.ContentDecodingError(),
    unsent(),
]


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_a_read_is_repeated_until_it_is_answered(still, failure):
    send = Script(failure, failure, answer := good())
    assert still.pacer().read("GET /x", send) is answer
    assert len(still.slept) == 2


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_a_read_gives_up_after_five_tries(still, failure):
    send = Script(failure)
    with pytest.raises(RemoteError) as caught:
        still.pacer().read("GET /x", send)
    assert send.sent == 5
    assert len(still.slept) == 4
    assert "GET /x" in caught.value.message
    assert caught.value.remedy
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 412, 422])
def test_a_refusal_of_a_read_is_final(still, status):
    send = Script(bad(status, '{"message": {"title": ["is too long"]}}'))
    with pytest.raises(Refused, match=f"GET /x with status {status}: title is too long") as caught:
        still.pacer().read("GET /x", send)
    assert (caught.value.status, send.sent, still.slept) == (status, 1, [])
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_token_that_is_not_accepted_says_what_to_do(still, verb):
    send = Script(bad(401, '{"message": "401 Unauthorized"}'))
    with pytest.raises(Refused, match=r"token: 401 Unauthorized\n.*DRUMBEAT_TOKEN") as caught:
        getattr(still.pacer(), verb)("GET /user", send)
    assert (caught.value.status, send.sent) == (401, 1)


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_certificate_that_is_not_trusted_is_final_and_nothing_was_sent(still, verb):
    send = Script(untrusted())
    with pytest.raises(Unreachable, match="self-signed certificate") as caught:
        getattr(still.pacer(), verb)("GET /user", send)
    assert "never off" in caught.value.remedy
    assert send.sent == 1


def test_a_redirected_read_names_the_place(still):
    with pytest.raises(RemoteError, match=r"to https://login\.example\.com"):
        still.pacer().read("GET /x", Script(bad(302, Location="https://login.example.com")))
    with pytest.raises(RemoteError, match="a place it does not name"):
        still.pacer().read("GET /x", Script(bad(304)))


def test_an_oddity_of_the_connection_is_not_repeated(still):
    send = Script(requests.exceptions.InvalidHeader("x"))
    with pytest.raises(RemoteError):
        still.pacer().read("GET /x", send)
    assert send.sent == 1


def test_errors_of_ours_pass_through(still):
    send = Script(RemoteError("led astray"))
    with pytest.raises(RemoteError, match="led astray"):
        still.pacer().write("POST /x", send)
    assert send.sent == 1


@pytest.mark.parametrize(
    "failure",
    [
        requests.ReadTimeout(),
        requests.ConnectionError("Connection aborted."),
        requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted", ConnectionResetError(104, "Connection reset by peer"))),
        requests.exceptions.SSLError("bad record mac"),
        requests.exceptions.ProxyError("tunnel failed"),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.ContentDecodingError(),
        requests.exceptions.InvalidHeader("x"),
        OSError("odd"),
        *(bad(status) for status in (301, 302, 307, 308, 408, 500, 502, 503, 504, 522)),
    ],
    ids=repr,
)  # fmt: skip
def test_post_after_time_out_not_repeated(still, failure):
    send = Script(failure, good())
    with pytest.raises(OutcomeUnknown, match=r"POST /x was sent.*may have happened") as caught:
        still.pacer().write("POST /x", send)
    assert (send.sent, still.slept) == (1, [])
    assert "run Drumbeat again" in caught.value.remedy


def too_late():
    pool = urllib3.HTTPConnectionPool("gitlab.example.com")
    late = urllib3.exceptions.ConnectTimeoutError()
    return requests.ConnectTimeout(urllib3.exceptions.MaxRetryError(pool, "/", late))


@pytest.mark.parametrize("failure", [bad(429), unsent(), too_late()], ids=repr)
def test_a_write_that_never_happened_may_be_sent_again(still, failure):
    send = Script(failure, answer := good())
    assert still.pacer().write("POST /x", send) is answer
    assert len(still.slept) == 1


def test_an_earlier_failure_proves_nothing_about_a_later_write(still):
    def time_out():
        raise requests.ReadTimeout

    try:
        raise unsent()
    except requests.ConnectionError:
        with pytest.raises(OutcomeUnknown):
            still.pacer().write("POST /x", time_out)


def test_an_unreachable_proxy_proves_that_nothing_was_sent(still):
    new = unsent().args[0].reason
    proxy = urllib3.exceptions.ProxyError("Unable to connect to proxy", new)
    pool = urllib3.HTTPConnectionPool("gitlab.example.com")
    failure = requests.exceptions.ProxyError(urllib3.exceptions.MaxRetryError(pool, "/", proxy))
    with pytest.raises(Unreachable):
        still.pacer().write("POST /x", Script(failure))


def test_a_write_that_cannot_be_sent_provably_never_happened(still):
    send = Script(unsent())
    with pytest.raises(Unreachable, match="cannot be reached for POST /x"):
        still.pacer().write("POST /x", send)
    assert send.sent == 5


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 425])
def test_403_on_a_note_is_a_failure(still, status):
    send = Script(bad(status, '{"message": "403 Forbidden"}'))
    with pytest.raises(Refused, match="403 Forbidden") as caught:
        still.pacer().write("POST /projects/1/issues/2/notes", send)
    assert (caught.value.status, send.sent) == (status, 1)


def test_only_403_and_404_have_a_remedy_of_their_own(still):
    for status, remedy in ((403, "Planner"), (404, "path"), (422, "")):
        with pytest.raises(Refused) as caught:
            still.pacer().write("POST /x", Script(bad(status)))
        assert remedy in caught.value.remedy


def test_a_write_that_is_throttled_to_the_end_did_not_happen(still):
    with pytest.raises(Throttled) as caught:
        still.pacer().write("POST /x", Script(bad(429, "Retry later\n")))
    assert caught.value.status == 429
    assert "Retry later" in caught.value.message
    # The limits on issues and notes count by the minute and are in no header.
    assert sum(still.slept) >= 60


# --- How long ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "waited"),
    [
        (bad(429, Retry_After="7"), 7.5),
        (bad(503, Retry_After="7"), 7.5),
        (bad(429, Retry_After="0"), 0.5),
        (bad(429, Retry_After=FUTURE, Date=DATE), 30.5),
        (bad(429, Retry_After=FUTURE), 30.5),
        (bad(429, Retry_After=PAST, Date=DATE), 0.5),
        (bad(429, Retry_After="soon", RateLimit_Reset="1800000010", Date=DATE), 10.5),
        (bad(429, Retry_After="7", RateLimit_Reset="1800000050"), 7.5),
        (bad(429, RateLimit_Reset="1800000010"), 10.5),
        (bad(429, RateLimit_ResetTime=FUTURE), 30.5),
        (bad(429, RateLimit_Reset="x", RateLimit_ResetTime=FUTURE), 30.5),
        (bad(429, RateLimit_ResetTime="Fri, 15 Jan 2027 08:00:30 -0000"), 30.5),
        (bad(429, RateLimit_Reset="1799999999"), 7.5),
        (bad(429, Retry_After="-5"), 7.5),
        (bad(429, Retry_After="9" * 400), 7.5),
        (bad(429), 7.5),
        (bad(500), 0.5),
        (bad(500, RateLimit_Reset="1800000050"), 0.5),
        (requests.ReadTimeout(), 0.5),
    ],
)
def test_gitlabs_word_on_when_to_come_back_goes_before_any_guess(still, failure, waited):
    still.pacer().read("GET /x", Script(failure, good()))
    assert still.slept == [waited]


def test_server_and_our_clock_may_differ(still):
    still.now += 5000
    still.pacer().read("GET /x", Script(bad(429, RateLimit_Reset="1800000010", Date=DATE), good()))
    assert still.slept == [10.5]


def test_the_guess_doubles_up_to_the_cap(still):
    with pytest.raises(RemoteError):
        still.pacer(random=1.0, tries=9).read("GET /x", Script(bad(502)))
    assert still.slept == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_guess_is_full_jitter(still):
    with pytest.raises(RemoteError):
        still.pacer(random=0.0).read("GET /x", Script(bad(502)))
    assert still.slept == [0, 0, 0, 0]


def test_throttled_without_a_hint_waits_through_a_minute(still):
    with pytest.raises(Throttled):
        still.pacer(random=0.0).read("GET /x", Script(bad(429)))
    assert still.slept == [5, 10, 20, 30]


def test_no_more_waiting_once_the_budget_is_spent(still):
    pacer = still.pacer(random=1.0, budget=5)
    dead = Script(bad(502))
    for sent in (3, 4, 5):
        with pytest.raises(RemoteError):
            pacer.read("GET /x", dead)
        assert dead.sent == sent
    assert still.slept == [1, 2]


def test_time_spent_on_failing_requests_counts(still):
    pacer = still.pacer(random=0.0, budget=100)

    def slow():
        still.now += 60
        raise requests.ReadTimeout

    with pytest.raises(RemoteError):
        pacer.read("GET /x", slow)
    assert still.slept == [0]


@pytest.mark.parametrize("answer", [good(), bad(404)], ids=["good", "refusal"])
def test_a_clear_answer_fills_the_budget_again(still, answer):
    pacer = still.pacer(random=1.0, budget=4)
    for _ in range(4):
        with suppress(Refused):
            pacer.read("GET /x", Script(bad(502), bad(502), answer))
    assert still.slept == [1, 2] * 4


def test_a_wait_that_is_longer_than_the_budget_is_not_begun(still):
    send = Script(bad(429, Retry_After="3600"))
    with pytest.raises(Throttled):
        still.pacer().read("GET /x", send)
    assert (send.sent, still.slept) == (1, [])


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"RateLimit_Remaining": 0, "RateLimit_Reset": 1800000012}, [12]),
        ({"RateLimit_Remaining": 0, "RateLimit_Reset": 1800000599}, [599]),
        ({"RateLimit_Remaining": 0, "RateLimit_Reset": 1799999999}, []),
        ({"RateLimit_Remaining": 0}, []),
        ({"RateLimit_Remaining": 1, "RateLimit_Reset": 1800000012}, [12]),
        ({"RateLimit_Remaining": 2, "RateLimit_Reset": 1800000012}, []),
        ({}, []),
    ],
)
def test_an_exhausted_limit_is_not_run_against(still, headers, waited):
    pacer = still.pacer()
    pacer.read("GET /x", Script(good(**headers)))
    assert still.slept == []
    pacer.write("POST /x", Script(good()))
    pacer.write("POST /x", Script(good()))
    assert still.slept == waited


def test_a_limit_that_is_used_up_for_too_long_is_not_waited_for(still):
    pacer = still.pacer()
    pacer.read("GET /x", Script(good(RateLimit_Remaining=0, RateLimit_Reset=1800000600)))
    send = Script(good())
    with pytest.raises(Throttled, match="POST /y would have to wait for 600 seconds") as caught:
        pacer.write("POST /y", send)
    assert (send.sent, still.slept, caught.value.status) == (0, [], 429)


def test_new_issues_are_spread_over_what_gitlab_allows(still):
    pacer = still.pacer(pace=Budget(Limits({Kind.CREATE_ISSUE: Rate(2, 60)})))
    for project in ("1", "1", "2", "1", "2"):
        pacer.write("POST /x", Script(good()), Kind.CREATE_ISSUE, project)
    assert still.slept == [60]


def test_a_refused_creation_waits_for_the_next_minute(still):
    """GitLab does not say when to come back; it counts by the minutes of its clock."""
    still.now += 15
    send = Script(bad(429, Date="Fri, 15 Jan 2027 08:00:15 GMT"), answer := good())
    assert still.pacer().write("POST /x", send, Kind.CREATE_NOTE) is answer
    assert sum(still.slept) == 45


def test_what_is_not_sent_after_all_is_not_under_way(still):
    pacer = still.pacer()

    def confused():
        raise RemoteError("led astray")

    pacer.read("GET /x", Script(good(RateLimit_Remaining=9, RateLimit_Reset=1800000060)))
    for _ in range(3):
        with pytest.raises(RemoteError):
            pacer.read("GET /x", confused)
    pacer.read("GET /x", Script(good(RateLimit_Remaining=2, RateLimit_Reset=1800000060)))
    pacer.read("GET /x", good)
    pacer.read("GET /x", good)
    assert still.slept == []


def test_one_refusal_slows_all_threads(still):
    """Who is asleep while another is told to rest, rests as well."""
    pace = Budget()

    def sleep(seconds):
        if not still.slept:
            refuse()
        still.sleep(seconds)

    def refuse():
        pace.claim(Kind.READ, still.now)
        pace.learn(Kind.READ, 429, {"Retry-After": "40"}, still.now)

    pace.rest(still.now + 30)
    send = Script(good())
    Pacer(sleep=sleep, clock=still.clock, pace=pace).read("GET /x", send)
    assert (still.slept, send.sent) == ([30, 10], 1)


def test_eight_lanes_in_one_rest_are_not_eight_times_in_trouble(still):
    """The waits lie beside each other: together they last no longer than one."""
    lock, slept, gate = threading.Lock(), [], threading.Barrier(8)

    def sleep(seconds):
        with lock:
            slept.append(seconds)
        gate.wait(10)

    pacer = Pacer(sleep=sleep, clock=still.clock, random=lambda: 0.5, budget=100)
    answers = [good() for _ in range(8)]

    def work(n):
        return pacer.read("GET /x", Script(bad(503, Retry_After="60"), answers[n]))

    assert Lanes(8).map(work, range(8)) == answers
    assert slept == [60.5] * 8


def test_an_abandoned_request_is_not_sent():
    sent, there = [], threading.Event()
    lanes, pacer = Lanes(2), Pacer()

    def work(n):
        if n == 0:
            there.wait(10)
            raise ValueError
        with pytest.raises(Abandoned):
            pacer.read("GET /x", throttled)
        with pytest.raises(Abandoned):
            pacer.read("GET /x", throttled)

    def throttled():
        sent.append(1)
        there.set()
        raise bad(429, Retry_After="500")

    with pytest.raises(ValueError):
        lanes.map(work, range(2))
    assert sent == [1]


def test_without_arguments_it_uses_real_time():
    defaults = {name: one.default for name, one in inspect.signature(Pacer).parameters.items()}
    assert defaults["sleep"] is pause
    assert defaults["clock"] is steady
    assert abs(steady() - time.time()) < 60
    assert defaults["random"] == random.random
    assert StillTime().pacer().read("GET /x", good) is not None
