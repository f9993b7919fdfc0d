"""Viewer tokens: what is signed, who can verify it, and what is refused before it is signed.

Signatures and keys are checked by openssl and, where ``IVS_ASYNC_NODE_MODULES`` names a folder
that has them, by node's ``jsonwebtoken`` and ``jose``.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from blockbuster import BlockingError
from hypothesis import event, given
from hypothesis import strategies as st

from ivs_async._aws.errors import ConfigurationError, ParameterError
from ivs_async.playback import KeyPair, PlaybackSigner, generate_key_pair

NOW = 1_760_000_000.75
ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
PLAYBACK_URL = (
    "https://0a1b2c3d4e5f.us-west-2.playback.live-video.net"
    "/api/video/v1/us-west-2.123456789012.channel.abcdABCDefgh.m3u8"
)
UUID_TEXT = "3f0e2b6a-5a39-4a0e-9f5c-6f1f2a9b1c2d"
KEYS = generate_key_pair()
SIGNER = PlaybackSigner(KEYS.private_key_pem, clock=lambda: NOW)

openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
NODE_MODULES = os.environ.get("IVS_ASYNC_NODE_MODULES", "")

VERIFY = {
    "jsonwebtoken": """
const verify = load("jsonwebtoken").verify;
const options = { algorithms: ["ES384"], clockTimestamp: input.now };
const claims = input.tokens.map((token) => verify(token, input.publicKey, options));
console.log(JSON.stringify(claims));
""",
    "jose": """
import(require("url").pathToFileURL(load.resolve("jose"))).then(async ({ jwtVerify }) => {
  const key = require("crypto").createPublicKey(input.publicKey);
  const options = { algorithms: ["ES384"], typ: "JWT", currentDate: new Date(input.now * 1000) };
  const verified = input.tokens.map((token) => jwtVerify(token, key, options));
  console.log(JSON.stringify((await Promise.all(verified)).map(({ payload }) => payload)));
});
""",
}
LOAD = """
const load = require("module").createRequire(process.env.IVS_ASYNC_NODE_MODULES + "/");
const input = JSON.parse(require("fs").readFileSync(0));
"""


def decode(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims(token: str) -> dict[str, Any]:
    header, payload, _ = token.split(".")
    assert decode(header) == {"alg": "ES384", "typ": "JWT"}
    found = decode(payload)
    assert isinstance(found, dict)
    return found


def run(*command: str, given: bytes | None = None) -> str:
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return (done.stdout + done.stderr).decode()


def refused(**arguments: Any) -> str:
    arguments.setdefault("channel_arn", ARN)
    with pytest.raises(ParameterError) as caught:
        SIGNER.token(**arguments)
    return str(caught.value)


def test_the_least_token_has_a_channel_and_an_expiry_in_whole_seconds() -> None:
    """Seconds, where the official sample has milliseconds; rounded down, never later than asked."""
    assert claims(SIGNER.token(ARN)) == {"aws:channel-arn": ARN, "exp": 1_760_000_300}
    assert claims(SIGNER.token(ARN, expires_in=0.25 + 1))["exp"] == 1_760_000_002


def test_every_documented_claim_has_its_name_and_type() -> None:
    """Booleans are booleans, the version is an integer, origins are one string."""
    token = SIGNER.token(
        ARN,
        expires_in=timedelta(minutes=10),
        viewer_id="viewer-7",
        viewer_session_version=1_760_000_000,
        single_use_uuid=UUID(UUID_TEXT),
        access_control_allow_origin=["https://example.com", "https://*.example.org:8443"],
        strict_origin_enforcement=True,
        maximum_resolution="HD",
        ads_opt_out=True,
        ads_player_params={"age": "30s"},
        ads_playback_config_name="my-config",
        ads_reporting_mode="CLIENT",
    )
    assert claims(token) == {
        "aws:channel-arn": ARN,
        "exp": 1_760_000_600,
        "aws:viewer-id": "viewer-7",
        "aws:viewer-session-version": 1_760_000_000,
        "aws:single-use-uuid": UUID_TEXT,
        "aws:access-control-allow-origin": "https://example.com,https://*.example.org:8443",
        "aws:strict-origin-enforcement": True,
        "aws:maximum-resolution": "HD",
        "aws:ads-opt-out": True,
        "aws:ads-player-params": {"age": "30s"},
        "aws:ads-playback-config-name": "my-config",
        "aws:ads-reporting-mode": "CLIENT",
    }


def test_defaults_are_left_out() -> None:
    """A claim at its default costs bytes and says nothing."""
    token = SIGNER.token(ARN, ads_opt_out=False, strict_origin_enforcement=False)
    assert set(claims(token)) == {"aws:channel-arn", "exp"}


def test_one_origin_may_be_a_plain_string() -> None:
    """The common case needs no list."""
    token = SIGNER.token(ARN, access_control_allow_origin="https://example.com")
    assert claims(token)["aws:access-control-allow-origin"] == "https://example.com"


def test_a_uuid_in_text_is_written_in_its_canonical_form() -> None:
    """Upper case and braces are forms of the same UUID."""
    token = SIGNER.token(ARN, single_use_uuid="{" + UUID_TEXT.upper() + "}")
    assert claims(token)["aws:single-use-uuid"] == UUID_TEXT


def test_long_tokens_are_signed_when_a_timedelta_says_so() -> None:
    """Two hours and a week are both legal for a token that tracks nobody."""
    assert claims(SIGNER.token(ARN, expires_in=7_200))["exp"] == 1_760_007_200
    assert claims(SIGNER.token(ARN, expires_in=timedelta(days=7)))["exp"] == 1_760_604_800


@pytest.mark.soak
@pytest.mark.parametrize("library", VERIFY)
def test_a_node_library_verifies_the_tokens(library: str) -> None:
    """Neither is ours: header and signature are accepted, and the claims come out as put in."""
    if not (Path(NODE_MODULES, library).is_dir() and NODE_MODULES and shutil.which("node")):
        pytest.skip(f"needs node, and {library} in the folder that IVS_ASYNC_NODE_MODULES names")
    tokens = [
        SIGNER.token(ARN),
        SIGNER.token(ARN, viewer_id="Zoë 🎬", viewer_session_version=2**53 - 1),
        SIGNER.token(ARN, ads_player_params={"k": "ü"}, maximum_resolution="SD"),
        *(SIGNER.token(ARN, expires_in=seconds) for seconds in range(1, 30)),
    ]
    asked = {"publicKey": KEYS.public_key_pem, "now": 1_760_000_000, "tokens": tokens}
    said = run("node", "-e", LOAD + VERIFY[library], given=json.dumps(asked).encode())
    assert json.loads(said) == [claims(token) for token in tokens]


@openssl
def test_openssl_verifies_the_signature(tmp_path: Path) -> None:
    """ES384 is ECDSA with SHA-384, the signature r and s of 48 bytes each, side by side."""
    token = SIGNER.token(ARN)
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature)
    assert len(raw) == 96
    numbers = b""
    for part in (raw[:48], raw[48:]):
        number = part.lstrip(b"\0")
        number = b"\0" + number if number[0] & 0x80 else number
        numbers += bytes([2, len(number)]) + number
    (tmp_path / "signature").write_bytes(bytes([0x30, len(numbers)]) + numbers)
    (tmp_path / "public.pem").write_text(KEYS.public_key_pem)
    said = run(
        "openssl", "dgst", "-sha384", "-verify", str(tmp_path / "public.pem"),
        "-signature", str(tmp_path / "signature"), given=signed.encode(),
    )  # fmt: skip
    assert said.strip() == "Verified OK"


@openssl
def test_openssl_reads_both_halves_of_a_generated_key_pair() -> None:
    """The private half is a valid P-384 key, and the public half is its own."""
    pair = generate_key_pair()
    said = run("openssl", "pkey", "-text", "-noout", "-check", given=pair.private_key_pem.encode())
    assert "secp384r1" in said
    assert "Key is valid" in said
    derived = run("openssl", "pkey", "-pubout", given=pair.private_key_pem.encode())
    assert derived == pair.public_key_pem


@openssl
@pytest.mark.parametrize("form", [["ec"], ["pkcs8", "-topk8", "-nocrypt"]], ids=["SEC1", "PKCS8"])
async def test_a_key_made_as_documented_is_loaded_from_its_file(
    form: list[str], tmp_path: Path
) -> None:
    """Openssl's own form and PKCS #8 both hold P-384 keys."""
    made = run("openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout")
    path = tmp_path / "private.pem"
    path.write_text(run("openssl", *form, given=made.encode()).replace("read EC key\n", ""))
    signer = await PlaybackSigner.load(path)
    assert signer.public_key_pem == run("openssl", "pkey", "-pubout", given=made.encode())


@openssl
def test_an_encrypted_key_needs_its_password() -> None:
    """Each way of getting it wrong is told apart as far as it can be."""
    encrypted = run(
        "openssl", "pkcs8", "-topk8", "-passout", "pass:secret", "-iter", "1",
        given=KEYS.private_key_pem.encode(),
    )  # fmt: skip
    assert PlaybackSigner(encrypted, password="secret").public_key_pem == KEYS.public_key_pem
    with pytest.raises(ParameterError, match="is encrypted: give its password"):
        PlaybackSigner(encrypted)
    with pytest.raises(ParameterError, match="or the password is wrong"):
        PlaybackSigner(encrypted, password="other")
    with pytest.raises(ParameterError, match="is not encrypted: give no password"):
        PlaybackSigner(KEYS.private_key_pem, password=b"secret")


@openssl
@pytest.mark.parametrize(
    ("algorithm", "found"),
    [
        (["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "secp256r1"),
        (["EC", "-pkeyopt", "ec_paramgen_curve:secp521r1"], "secp521r1"),
        (["ED25519"], "no ECDSA key"),
        (["RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "no ECDSA key"),
    ],
    ids=["P-256", "P-521", "Ed25519", "RSA"],
)
def test_a_key_of_another_kind_is_refused(algorithm: list[str], found: str) -> None:
    """The service would refuse every token of such a key, viewer by viewer."""
    pem = run("openssl", "genpkey", "-quiet", "-algorithm", *algorithm)
    with pytest.raises(ParameterError, match=rf"P-384 \(secp384r1\); this is {found}"):
        PlaybackSigner(pem)


@pytest.mark.parametrize(
    ("pem", "rule"),
    [
        ("private.pem", "must be PEM text .* 11 bytes .* give a pathlib.Path"),
        (b"", "must be PEM text"),
        (KEYS.public_key_pem, "holds no private key"),
        (KEYS.private_key_pem[:120] + KEYS.private_key_pem[130:], "it is damaged"),
    ],
    ids=["a path in a str", "nothing", "the public half", "damaged"],
)
def test_what_is_no_private_key_is_refused(pem: str | bytes, rule: str) -> None:
    """The text says what to give instead and holds nothing of the key."""
    with pytest.raises(ParameterError, match=rule) as caught:
        PlaybackSigner(pem)
    assert KEYS.private_key_pem[40:60] not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_loading_does_not_hold_up_the_event_loop(tmp_path: Path) -> None:
    """The file is read and parsed in a thread; the constructor would do both in place."""
    path = tmp_path / "private.pem"
    path.write_text(KEYS.private_key_pem)
    signer = await PlaybackSigner.load(path)
    with pytest.raises(BlockingError):
        PlaybackSigner(path)
    assert signer.public_key_pem == KEYS.public_key_pem


def test_the_signer_and_the_key_pair_show_no_key() -> None:
    """Neither repr holds anything of the private key."""
    shown = repr(SIGNER) + repr(KEYS)
    assert repr(SIGNER) == "<PlaybackSigner>"
    assert "private_key_pem=<secret>" in shown
    assert not any(line in shown for line in KEYS.private_key_pem.splitlines())
    assert KeyPair("", "").private_key_pem == ""


@pytest.mark.parametrize("missing", ["jwt", "cryptography.hazmat"])
def test_a_missing_extra_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is the command that mends it."""
    monkeypatch.setitem(sys.modules, missing, None)
    for call in (generate_key_pair, lambda: PlaybackSigner(KEYS.private_key_pem)):
        with pytest.raises(ConfigurationError, match=r"pip install 'ivs-async\[playback\]'"):
            call()


def test_importing_the_module_needs_no_extra() -> None:
    """Only signing does; both imports cost a fifth of a second."""
    found = run(
        sys.executable, "-c",
        "import sys, ivs_async.playback; print({'jwt', 'cryptography'} & set(sys.modules))",
    )  # fmt: skip
    assert found.strip() == "set()"


def test_milliseconds_are_refused() -> None:
    """One minute in milliseconds, and the moment that JavaScript calls now."""
    assert "looks like milliseconds" in refused(expires_in=60_000)
    assert "at most 43,200 s" in refused(expires_in=1_760_000_000_000)
    assert "looks like milliseconds" in refused(expires_in=float("inf"))


@pytest.mark.parametrize(
    "expires_in", [0, 0.99, -5, float("nan"), timedelta(milliseconds=999)], ids=str
)
def test_a_token_that_would_be_dead_at_birth_is_refused(expires_in: float | timedelta) -> None:
    """The least lifetime is one second."""
    assert "at least 1 s" in refused(expires_in=expires_in)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"viewer_id": "v"}, "viewer_id"),
        ({"single_use_uuid": UUID_TEXT}, "single_use_uuid"),
        ({"viewer_id": "v", "single_use_uuid": UUID_TEXT}, "viewer_id and single_use_uuid"),
    ],
    ids=["viewer id", "single use", "both"],
)
def test_ten_minutes_bound_a_token_that_tracks_its_viewer(
    extra: dict[str, Any], named: str
) -> None:
    """600 s are signed, one more is refused, as a number or as a timedelta."""
    SIGNER.token(ARN, expires_in=600, **extra)
    assert f"at most 600 s together with {named};" in refused(expires_in=601, **extra)
    assert "at most 600 s" in refused(expires_in=timedelta(seconds=600.5), **extra)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"channel_arn": ARN.replace("channel", "stream-key")}, "must be a channel's ARN"),
        ({"channel_arn": ARN + " "}, "this str of 56 characters is not"),
        ({"channel_arn": ""}, "channel_arn must be 1 to 128 characters long"),
        ({"channel_arn": None}, "channel_arn must be a str, not NoneType"),
        ({"expires_in": True}, "must be seconds or a timedelta, not bool"),
        ({"expires_in": "60"}, "must be seconds or a timedelta, not str"),
        ({"viewer_id": "x" * 41}, "viewer_id must be 1 to 40 characters long; this is 41"),
        ({"viewer_id": ""}, "viewer_id must be 1 to 40 characters long; this is 0"),
        ({"viewer_id": "\ud800"}, "lone surrogate"),
        ({"viewer_id": 7}, "viewer_id must be a str, not int"),
        ({"viewer_session_version": 1}, "has no effect without viewer_id"),
        ({"viewer_id": "v", "viewer_session_version": 2**63}, "viewer_session_version must be"),
        ({"viewer_id": "v", "viewer_session_version": True}, "must be an int, not bool"),
        ({"single_use_uuid": "1234"}, "must be a UUID; this str of 4 characters"),
        ({"single_use_uuid": 1234}, "single_use_uuid must be a str, not int"),
        ({"access_control_allow_origin": "https://a.com/"}, r"must be an origin.*trailing slash"),
        ({"access_control_allow_origin": ["a.com"]}, "must be an origin"),
        ({"access_control_allow_origin": "https://a.com,https://b.com"}, "or a comma"),
        ({"access_control_allow_origin": 5}, "must be a list, not int"),
        ({"strict_origin_enforcement": True}, "needs access_control_allow_origin"),
        ({"strict_origin_enforcement": 1}, "must be a bool, not int"),
        (
            {
                "strict_origin_enforcement": True,
                "access_control_allow_origin": [f"https://{n}.com" for n in range(6)],
            },
            "must have at most 5 origins together with strict_origin_enforcement; this has 6",
        ),
        ({"maximum_resolution": "4K"}, "must be one of SD, HD, FULL_HD"),
        ({"ads_opt_out": "yes"}, "ads_opt_out must be a bool, not str"),
        ({"ads_player_params": ["a"]}, "ads_player_params must be a mapping, not list"),
        ({"ads_player_params": {"a": 1}}, "the value of a key of ads_player_params must be a str"),
        ({"ads_player_params": {"": "1"}}, "a key of ads_player_params must be at least 1"),
        ({"ads_player_params": {"ü": "x" * 999}}, "at most 1,000 bytes .* this has 1,001"),
        ({"ads_playback_config_name": ""}, "ads_playback_config_name must be at least 1"),
        ({"ads_reporting_mode": "BOTH"}, "must be one of CLIENT, SERVER"),
        (
            {"access_control_allow_origin": [f"https://host-{n:03}.com" for n in range(80)]},
            "a token must be at most 2,048 bytes long; this one would be 2,",
        ),
    ],
)
def test_a_broken_rule_is_named_before_anything_is_sent(
    arguments: dict[str, Any], rule: str
) -> None:
    """The text has the argument, the rule and the size, and never the value."""
    text = refused(**arguments)
    assert re.search(rule, text), text
    for value in arguments.values():
        if isinstance(value, str) and len(value) > 5:
            assert value not in text


def test_without_strict_enforcement_there_may_be_more_than_five_origins() -> None:
    """Only the enforced list is bounded by number; all are by the token's size."""
    origins = [f"https://{n}.com" for n in range(20)]
    token = SIGNER.token(ARN, access_control_allow_origin=origins)
    assert claims(token)["aws:access-control-allow-origin"].split(",") == origins


def documented_refusals(token: str) -> list[str]:
    """The documented rules, read from the finished token alone."""
    found = claims(token)
    ahead = found["exp"] - NOW
    origins = found.get("aws:access-control-allow-origin", "*").split(",")
    params = found.get("aws:ads-player-params", {})
    rules = {
        "2 KB": len(token) <= 2048,
        "seconds, not milliseconds": type(found["exp"]) is int and NOW < found["exp"] < 10**11,
        "channel": re.fullmatch(
            r"arn:aws:ivs:[a-z0-9-]+:\d+:channel/\w+", found["aws:channel-arn"]
        ),
        "ten minutes": ahead <= 600
        or not {"aws:viewer-id", "aws:single-use-uuid"}.intersection(found),
        "viewer id": 1 <= len(found.get("aws:viewer-id", "v")) <= 40,
        "Int64": -(2**63) <= found.get("aws:viewer-session-version", 0) < 2**63,
        "version alone": "aws:viewer-id" in found or "aws:viewer-session-version" not in found,
        "origins": all(o == "*" or re.fullmatch(r"[a-z]+://[^/,\s]+", o) for o in origins),
        "five": len(origins) <= 5 or not found.get("aws:strict-origin-enforcement"),
        "uuid": UUID(found.get("aws:single-use-uuid", UUID_TEXT)),
        "resolution": found.get("aws:maximum-resolution", "SD") in {"SD", "HD", "FULL_HD"},
        "params": sum(len(t.encode()) for pair in params.items() for t in pair) <= 1000,
        "mode": found.get("aws:ads-reporting-mode", "SERVER") in {"SERVER", "CLIENT"},
        "known claims": all(name == "exp" or name.startswith("aws:") for name in found),
    }
    return [name for name, kept in rules.items() if not kept]


def mostly(likely: st.SearchStrategy[Any], *unlikely: Any) -> st.SearchStrategy[Any]:
    """Nine good values for a bad one, so that most tokens get signed."""
    return st.integers(0, 9).flatmap(lambda die: likely if die else st.sampled_from(unlikely))


origins = mostly(
    st.from_regex(r"https?://(\*\.)?[a-z]{1,40}\.com(:[0-9]{1,5})?", fullmatch=True) | st.just("*"),
    "https://a.com/",
    "a,b",
    "",
)


@given(
    channel_arn=mostly(
        st.from_regex(r"arn:aws:ivs:[a-z0-9-]{1,9}:[0-9]{12}:channel/[a-zA-Z0-9]+", fullmatch=True),
        ARN.replace("channel", "stage"),
        ARN + "\n",
    ),
    arguments=st.fixed_dictionaries(
        {
            "expires_in": mostly(
                st.floats(1, 601) | st.timedeltas(timedelta(0), timedelta(9_999)), 60_000, 0, 3_600
            )
        },
        optional={
            "viewer_id": mostly(st.text(min_size=1, max_size=40), "", "x" * 41),
            "viewer_session_version": mostly(st.integers(-(2**63), 2**63 - 1), 2**63),
            "single_use_uuid": mostly(st.uuids() | st.uuids().map(str), "no uuid"),
            "access_control_allow_origin": origins | st.lists(origins, max_size=30),
            "strict_origin_enforcement": st.booleans(),
            "maximum_resolution": mostly(st.sampled_from(["SD", "HD", "FULL_HD"]), "hd"),
            "ads_opt_out": st.booleans(),
            "ads_player_params": st.dictionaries(
                st.text(min_size=1), st.text(max_size=300), max_size=5
            ),
            "ads_playback_config_name": mostly(st.text(min_size=1, max_size=64), ""),
            "ads_reporting_mode": mostly(st.sampled_from(["CLIENT", "SERVER"]), "BOTH"),
        },
    ),
)
def test_no_accepted_input_yields_a_token_that_the_rules_refuse(
    channel_arn: str, arguments: dict[str, Any]
) -> None:
    """Whatever is asked for: a token that keeps every documented rule, or a clear refusal."""
    try:
        token = SIGNER.token(channel_arn, **arguments)
    except ParameterError:
        event("refused")
        return
    event("signed")
    assert documented_refusals(token) == []


def test_the_token_goes_onto_the_playback_url() -> None:
    """Once, after whatever query there is."""
    token = SIGNER.token(ARN)
    assert SIGNER.playback_url(PLAYBACK_URL, token) == f"{PLAYBACK_URL}?token={token}"
    with_query = f"{PLAYBACK_URL}?allow_source=true"
    assert SIGNER.playback_url(with_query, token) == f"{with_query}&token={token}"


@pytest.mark.parametrize(
    ("url", "token", "rule"),
    [
        ("", None, "playback_url must be at least 1"),
        ("http://[", None, "must be an http or https URL"),
        (ARN, None, "must be an http or https URL"),
        (f"{PLAYBACK_URL}?token=abc", None, "carries a token already"),
        (f"{PLAYBACK_URL}?token", None, "carries a token already"),
        (PLAYBACK_URL, "a&b", "token must be one that a signer made"),
    ],
)
def test_a_url_that_would_not_play_is_refused(url: str, token: str | None, rule: str) -> None:
    """The sample of the documentation doubles the parameter; nothing of a URL is echoed."""
    with pytest.raises(ParameterError, match=rule) as caught:
        PlaybackSigner.playback_url(url, token or SIGNER.token(ARN))
    assert PLAYBACK_URL not in str(caught.value)
