"""Who may call: signatures, tokens, clocks and policies get the answers that AWS gives."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from anyio import to_thread
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from ivs_async.credentials import Credentials
from ivs_async.local import LocalError, LocalIvs

from .helpers import Answer, Clock, send

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
BODY = json.dumps({"arn": ARN}).encode()


@pytest.fixture
async def strict() -> AsyncIterator[LocalIvs]:
    """A local IVS that verifies signatures."""
    async with LocalIvs(rates=None) as local:
        yield local


def signed(
    local: LocalIvs,
    *,
    credentials: Credentials | None = None,
    service: str = "ivs",
    region: str | None = None,
    at: float | None = None,
    path: str = "/GetChannel",
    method: str = "POST",
    body: bytes = BODY,
    headers: dict[str, str] | None = None,
) -> dict[str, str]:
    """The headers that botocore signs a request with, perhaps by another clock."""
    credentials = credentials or local.credentials
    signer = SigV4Auth(
        BotocoreCredentials(
            credentials.access_key_id, credentials.secret_access_key, credentials.session_token
        ),
        service,
        region or local.region,
    )
    request = AWSRequest(
        method=method,
        url=local.endpoint_url + path,
        data=body,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    moment = datetime.fromtimestamp(at, UTC) if at is not None else datetime.now(UTC)
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    if credentials.session_token:
        request.headers["X-Amz-Security-Token"] = credentials.session_token
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(to_sign, request))
    return dict(request.headers.items())


async def ask(local: LocalIvs, **choices: Any) -> Answer:
    """Send a request with these choices of how it is signed."""
    headers = await to_thread.run_sync(lambda: signed(local, **choices))
    return await send(
        local,
        choices.get("path", "/GetChannel"),
        choices.get("body", BODY) or None,
        method=choices.get("method", "POST"),
        headers=headers,
    )


def assert_passed(answer: Answer) -> None:
    """The request got beyond the signature: there is no such channel."""
    assert answer.code == "ResourceNotFoundException", answer.body


def assert_refused(answer: Answer, code: str, text: str) -> None:
    """The request was refused with 403 and these words."""
    assert (answer.status, answer.code) == (403, code), answer.body
    assert re.search(text, answer.document["message"])
    assert answer.document["exceptionMessage"] == answer.document["message"]


async def test_what_botocore_signed_is_let_in(strict: LocalIvs) -> None:
    """Plain, with a hash of the body, with further headers, and by the Date header."""
    assert_passed(await ask(strict))
    assert_passed(await ask(strict, headers={"x-extra": "a  b", "Accept": "*/*"}))


async def test_the_path_of_a_tag_call_is_signed_as_it_was_sent(strict: LocalIvs) -> None:
    """The ARN is one percent-encoded label of the path, and the query is in the signature."""
    path = "/tags/" + ARN.replace(":", "%3A").replace("/", "%2F")
    query = path + "?tagKeys=a%20b&tagKeys=%C3%BC"
    assert_passed(await ask(strict, path=path, method="GET", body=b""))
    assert_passed(await ask(strict, path=query, method="DELETE", body=b""))


async def test_no_signature_at_all(strict: LocalIvs) -> None:
    """A request without Authorization misses its token."""
    answer = await send(strict, "/GetChannel", BODY)
    assert_refused(answer, "MissingAuthenticationTokenException", "Missing Authentication Token")


async def test_another_secret_key(strict: LocalIvs) -> None:
    """The signature does not match, and nothing of it is repeated."""
    wrong = Credentials(strict.credentials.access_key_id, "wrong")
    answer = await ask(strict, credentials=wrong)
    assert_refused(answer, "InvalidSignatureException", "does not match")
    assert strict.credentials.secret_access_key not in answer.body.decode()


async def test_an_unknown_access_key(strict: LocalIvs) -> None:
    """Nobody has this key."""
    answer = await ask(strict, credentials=Credentials("AKIDUNKNOWN", "wrong"))
    assert_refused(answer, "UnrecognizedClientException", "security token .* invalid")


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"region": "eu-west-1"}, "valid region, not 'eu-west-1'"),
        ({"service": "ivschat"}, "correct service: 'ivs'"),
    ],
)
async def test_a_signature_for_something_else(
    strict: LocalIvs, choice: dict[str, str], text: str
) -> None:
    """Region and service are part of what is signed."""
    assert_refused(await ask(strict, **choice), "InvalidSignatureException", text)


async def test_a_body_that_was_changed_on_the_way(strict: LocalIvs) -> None:
    """The body is part of what is signed."""
    headers = await to_thread.run_sync(lambda: signed(strict))
    answer = await send(strict, "/GetChannel", BODY + b" ", headers=headers)
    assert_refused(answer, "InvalidSignatureException", "does not match")


@pytest.mark.parametrize("seconds", [-299, 299])
async def test_five_minutes_of_skew_are_forgiven(seconds: int) -> None:
    """Clocks may differ a little."""
    clock = Clock()
    async with LocalIvs(rates=None, clock=clock) as local:
        assert_passed(await ask(local, at=clock() + seconds))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-301, "Signature expired: .* - 5 min"), (301, "Signature not yet current: .* 5 min")],
)
async def test_more_than_five_minutes_of_skew_are_not(seconds: int, text: str) -> None:
    """The text says which clock is behind, and Date says what time it is."""
    clock = Clock()
    async with LocalIvs(rates=None, clock=clock) as local:
        answer = await ask(local, at=clock() + seconds)
        assert_refused(answer, "InvalidSignatureException", text)
        assert answer.headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


async def test_temporary_credentials_need_their_token_and_expire() -> None:
    """Without the token they are unknown, with it they are let in, and after an hour they end."""
    clock = Clock()
    async with LocalIvs(rates=None, clock=clock) as local:
        issued = local.issue_credentials()
        bare = Credentials(issued.access_key_id, issued.secret_access_key)
        assert_passed(await ask(local, credentials=issued, at=clock()))
        answer = await ask(local, credentials=bare, at=clock())
        assert_refused(answer, "UnrecognizedClientException", "invalid")
        clock.advance(3_600)
        answer = await ask(local, credentials=issued, at=clock())
        assert_refused(answer, "ExpiredTokenException", "expired")
        assert_passed(await ask(local, at=clock()))


async def test_credentials_can_be_made_to_expire_at_once(strict: LocalIvs) -> None:
    """What a rotation looks like to whoever missed it."""
    issued = strict.issue_credentials()
    strict.expire_credentials(issued.access_key_id)
    answer = await ask(strict, credentials=issued)
    assert_refused(answer, "ExpiredTokenException", "expired")
    with pytest.raises(Exception, match="no credentials"):
        strict.expire_credentials("AKIDUNKNOWN")


async def test_a_policy_may_deny_one_caller_or_all(strict: LocalIvs) -> None:
    """The text names user, operation and resource, as IAM does."""
    issued = strict.issue_credentials(denied=["GetChannel"])
    answer = await ask(strict, credentials=issued)
    assert_refused(answer, "AccessDeniedException", "not authorized to perform: ivs:GetChannel")
    assert_passed(await ask(strict))
    strict.deny("*")
    answer = await ask(strict)
    assert_refused(answer, "AccessDeniedException", "user/AKIDLOCALIVS is not authorized")
    strict.deny()
    assert_passed(await ask(strict))
    with pytest.raises(LocalError, match="no operation GetChanel"):
        strict.deny("GetChanel")
    with pytest.raises(LocalError, match="no operation GetChanel"):
        strict.issue_credentials(denied=["GetChanel"])


async def test_an_account_may_wait_for_its_verification(strict: LocalIvs) -> None:
    """PendingVerification for everything until it is verified."""
    strict.set_account_verified(False)
    assert_refused(await ask(strict), "PendingVerification", "pending verification")
    strict.set_account_verified(True)
    assert_passed(await ask(strict))


def replace(header: str, pattern: str, by: str) -> Callable[[dict[str, str]], None]:
    """Spoil a header."""

    def spoil(headers: dict[str, str]) -> None:
        headers[header] = re.sub(pattern, by, headers[header])

    return spoil


@pytest.mark.parametrize(
    ("spoil", "code", "text"),
    [
        (replace("Authorization", "Signature=.*", ""), "IncompleteSignature", "'Signature'"),
        (replace("Authorization", "Credential=[^,]*,", ""), "IncompleteSignature", "'Credential'"),
        (
            replace("Authorization", "SignedHeaders=[^,]*,", ""),
            "IncompleteSignature",
            "'SignedHeaders'",
        ),
        (replace("Authorization", "^AWS4-HMAC-SHA256", "Basic"), "IncompleteSignature", "AWS4"),
        (replace("Authorization", "/ivs/", "/"), "IncompleteSignature", "5 slash-delimited"),
        (
            replace("Authorization", "aws4_request", "aws5_request"),
            "InvalidSignatureException",
            "terminator",
        ),
        (
            replace("Authorization", r"/\d{8}/", "/20200101/"),
            "InvalidSignatureException",
            "does not match YYYYMMDD",
        ),
        (replace("X-Amz-Date", ".*", ""), "IncompleteSignature", "basic format"),
        (replace("X-Amz-Date", "T.*", "T999999Z"), "IncompleteSignature", "not a date"),
        (lambda headers: headers.pop("X-Amz-Date"), "IncompleteSignature", "'X-Amz-Date'"),
        (
            replace("Authorization", "host;", ""),
            "InvalidSignatureException",
            "'host' must be a 'SignedHeader'",
        ),
        (
            lambda headers: headers.update({"x-amz-extra": "unsigned"}),
            "InvalidSignatureException",
            "'x-amz-extra' must be a 'SignedHeader'",
        ),
        (
            replace("Authorization", "content-type;", "content-type;date;"),
            "InvalidSignatureException",
            "does not match",
        ),
    ],
)
async def test_what_is_wrong_with_a_signature_is_said(
    strict: LocalIvs, spoil: Callable[[dict[str, str]], object], code: str, text: str
) -> None:
    """Incomplete headers, scopes of another form, and headers that should have been signed."""
    headers = await to_thread.run_sync(lambda: signed(strict))
    spoil(headers)
    assert_refused(await send(strict, "/GetChannel", BODY, headers=headers), code, text)


async def test_a_date_header_may_stand_for_the_timestamp(strict: LocalIvs) -> None:
    """Signers that know no x-amz-date use Date; nonsense in it is refused."""
    now = datetime.now(UTC)
    date = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = await to_thread.run_sync(lambda: signed(strict, headers={"Date": date}))
    del headers["X-Amz-Date"]
    answer = await send(strict, "/GetChannel", BODY, headers=headers)
    assert_refused(answer, "InvalidSignatureException", "does not match")
    headers["Date"] = "yesterday"
    answer = await send(strict, "/GetChannel", BODY, headers=headers)
    assert_refused(answer, "IncompleteSignature", "basic format")


async def test_the_hash_of_the_body_must_be_right_if_it_is_sent(strict: LocalIvs) -> None:
    """Some SDKs send the hash as a header and sign that."""
    other = "0" * 64
    headers = {"X-Amz-Content-SHA256": other}
    answer = await ask(strict, headers=headers)
    assert_refused(answer, "InvalidSignatureException", "x-amz-content-sha256")


async def test_without_verification_anything_goes(local: LocalIvs) -> None:
    """Switched off, neither signature nor key is looked at; policies still are."""
    assert_passed(await send(local, "/GetChannel", BODY, headers={"Authorization": "nonsense"}))
    local.deny("GetChannel")
    assert (await send(local, "/GetChannel", BODY)).code == "AccessDeniedException"


async def test_the_log_tells_which_key_it_takes(
    strict: LocalIvs, caplog: pytest.LogCaptureFixture
) -> None:
    """What AWS says of an unknown key helps nobody; of the key that was sent nothing is said."""
    await ask(strict, credentials=Credentials("AKIDSENT", "secret"))
    assert caplog.messages == [
        "unknown access key id: this local IVS takes AKIDLOCALIVS, or what it issued itself"
    ]
    issued = strict.issue_credentials()
    wrong = Credentials(issued.access_key_id, issued.secret_access_key, "other")
    await ask(strict, credentials=wrong)
    assert caplog.messages[1:] == ["the session token is not that of the access key id"]
