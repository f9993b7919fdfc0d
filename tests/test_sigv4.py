"""Signatures against botocore's signer, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from ivs_async._aws.sigv4 import Signer
from ivs_async.credentials import Credentials

MOMENT = datetime(2026, 8, 30, 12, 36, 0, tzinfo=UTC)
HOST = "ivs.us-west-2.amazonaws.com"

nasty = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


def by_botocore(
    method: str, target: str, body: bytes, credentials: Credentials, host: str = HOST
) -> str:
    request = AWSRequest(method, f"https://{host}{target}", data=body)
    signer = SigV4Auth(
        BotocoreCredentials(
            credentials.access_key_id, credentials.secret_access_key, credentials.session_token
        ),
        "ivs",
        "us-west-2",
    )
    with patch("botocore.auth.get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
        signer.add_auth(request)
    return str(request.headers["Authorization"])


def by_us(
    method: str, target: str, body: bytes, credentials: Credentials, host: str = HOST
) -> CIMultiDict[str]:
    signer = Signer(host=host, region="us-west-2", service="ivs")
    return signer.sign(method, target, body, credentials, MOMENT.timestamp())


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("host", [HOST, "127.0.0.1:4599", "[::1]:4599"])
def test_a_post_is_signed_as_botocore_signs_it(token: str | None, host: str) -> None:
    """Path, body, host with its port and session token all enter the signature."""
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    call = (
        "POST",
        "/PutMetadata",
        b'{"channelArn":"arn","metadata":"\xc3\xa9"}',
        credentials,
        host,
    )

    assert by_botocore(*call) == by_us(*call)["Authorization"]


@given(arn=nasty, keys=st.lists(nasty, max_size=5), token=st.sampled_from([None, "token"]))
def test_tag_calls_are_signed_as_botocore_signs_them(
    arn: str, keys: list[str], token: str | None
) -> None:
    """Any ARN and any keys: encoded once on the wire, twice in the canonical path."""
    credentials = Credentials("AKIDEXAMPLE", "secret", token)
    target = f"/tags/{quote(arn, safe='-_.~')}"
    if keys:
        target += "?" + "&".join(f"tagKeys={quote(key, safe='-_.~')}" for key in keys)

    assert (
        by_botocore("DELETE", target, b"", credentials)
        == by_us("DELETE", target, b"", credentials)["Authorization"]
    )


def test_every_x_amz_header_that_goes_out_is_signed() -> None:
    """AWS asks for it, and a strict verifier refuses others."""
    headers = by_us("POST", "/GetChannel", b"{}", Credentials("AKID", "secret", "token"))

    signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"x-amz-date", "x-amz-security-token"} == {
        name.lower() for name in headers if name.lower().startswith("x-amz-")
    }
    assert {"host", "x-amz-date", "x-amz-security-token"} == set(signed)


def test_signing_keys_are_kept_for_a_few_credentials_only() -> None:
    """A provider that rotates for ever does not grow the cache for ever."""
    signer = Signer(host=HOST, region="us-west-2", service="ivs")
    for number in range(50):
        credentials = Credentials("AKID", f"secret-{number}")
        assert (
            by_us("POST", "/GetChannel", b"{}", credentials)["Authorization"]
            == signer.sign("POST", "/GetChannel", b"{}", credentials, MOMENT.timestamp())[
                "Authorization"
            ]
        )
    assert len(signer._keys) <= 8
