"""The local IVS lets viewers in by the documented rules, and its events parse."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from ivs_async._aws.errors import ParameterError
from ivs_async.events import StreamTracker, UnknownEvent, parse_event
from ivs_async.local import LocalError, LocalIvs, PlaybackRefused, Quotas, StreamRefused
from ivs_async.playback import PlaybackSigner, generate_key_pair

from .helpers import MEDIA_TAILOR, UNKNOWN, Direct, direct

PAIR = generate_key_pair()
KEY = load_pem_private_key(PAIR.private_key_pem.encode(), None)
BUCKET = {"s3": {"bucketName": "recordings"}}
ADS = [{"playbackConfigurationArn": MEDIA_TAILOR}]
UUID_TEXT = "3f0e2b6a-5a39-4a0e-9f5c-6f1f2a9b1c2d"


@pytest.fixture
def arn(ivs: Direct) -> str:
    """A private channel, and a key that is imported."""
    ivs("ImportPlaybackKeyPair", publicKeyMaterial=generate_key_pair().public_key_pem)
    ivs("ImportPlaybackKeyPair", publicKeyMaterial=PAIR.public_key_pem)
    return ivs.channel(authorized=True)


@pytest.fixture
def signer(ivs: Direct) -> PlaybackSigner:
    """What signs with the imported key, by the same clock."""
    return PlaybackSigner(PAIR.private_key_pem, clock=ivs.clock)


def refused(
    ivs: Direct, token: str, channel_arn: str | None = None, origin: str | None = None
) -> str:
    """Why a player is not let in."""
    with pytest.raises(PlaybackRefused) as caught:
        ivs.service.door.authorize(token, channel_arn, origin)
    assert token not in str(caught.value)
    return caught.value.reason


def let_in(
    ivs: Direct, token: str, channel_arn: str | None = None, origin: str | None = None
) -> Any:
    """The claims with which a player is let in."""
    return ivs.service.door.authorize(token, channel_arn, origin)


def forged(ivs: Direct, arn: str, **claims: Any) -> str:
    """A token with any claims at all, signed with the imported key."""
    claims = {name.replace("_", "-").replace("aws-", "aws:"): claims[name] for name in claims}
    base = {"aws:channel-arn": arn, "exp": int(ivs.clock()) + 60}
    payload = {name: value for name, value in (base | claims).items() if value is not ...}
    return jwt.encode(payload, KEY, algorithm="ES384")  # type: ignore[arg-type]


async def test_a_player_is_let_in_over_the_public_face() -> None:
    """One method of the local IVS, with the clock of this machine."""
    async with LocalIvs(verify_signatures=False) as local:
        found = local.load(
            {
                "channels": [{"name": "a", "authorized": True}],
                "keyPairs": [{"publicKeyMaterial": PAIR.public_key_pem}],
            }
        )
        [arn] = found["channels"]
        signer = await PlaybackSigner.load(PAIR.private_key_pem)
        claims = local.authorize_playback(signer.token(arn, viewer_id="v"), channel_arn=arn)
        assert claims["aws:viewer-id"] == "v"


async def test_the_whole_playback_url_will_do() -> None:
    """As a player has it; the token must be for the channel that the URL is of."""
    async with LocalIvs(verify_signatures=False) as local:
        found = local.load(
            {
                "channels": [{"authorized": True}, {"authorized": True}],
                "keyPairs": [{"publicKeyMaterial": PAIR.public_key_pem}],
            }
        )
        mine, other = found["channels"]
        signer = await PlaybackSigner.load(PAIR.private_key_pem)
        token = signer.token(mine)
        address = local.describe(mine)["playbackUrl"]
        url = signer.playback_url(address, token)
        assert local.authorize_playback(url)["aws:channel-arn"] == mine
        assert local.authorize_playback(url, channel_arn=mine)
        for wrong, arn, reason in (
            (url, other, "channel"),
            (signer.playback_url(local.describe(other)["playbackUrl"], token), None, "channel"),
            (f"https://example.com/?token={token}", None, "channel"),
            (address, None, "form"),
        ):
            with pytest.raises(PlaybackRefused) as caught:
                local.authorize_playback(wrong, channel_arn=arn)
            assert caught.value.reason == reason
            assert token not in str(caught.value)


def test_any_imported_key_will_do_and_no_other(
    ivs: Direct, arn: str, signer: PlaybackSigner
) -> None:
    """A token does not name its key; deleting the key ends its tokens."""
    token = signer.token(arn)
    let_in(ivs, token)
    assert (
        refused(ivs, PlaybackSigner(generate_key_pair().private_key_pem).token(arn)) == "signature"
    )
    for pair in ivs("ListPlaybackKeyPairs")["keyPairs"]:
        ivs("DeletePlaybackKeyPair", arn=pair["arn"])
    assert refused(ivs, token) == "signature"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token + "x" * 2_048,
        lambda token: "token",
        lambda token: token.replace(".", ".é", 1),
        lambda token: "e30." + token.partition(".")[2],
        lambda token: token.partition(".")[0] + ".W10." + token.rpartition(".")[2],
        lambda token: jwt.encode({}, "k" * 48, algorithm="HS384"),
    ],
    ids=["long", "no token", "no base64", "no header", "no object", "another algorithm"],
)
def test_what_is_no_token_of_ivs_is_refused(
    spoil: Callable[[str], str], ivs: Direct, arn: str, signer: PlaybackSigner
) -> None:
    """The header is fixed, the payload an object, the whole at most 2 KB."""
    assert refused(ivs, spoil(signer.token(arn))) == "form"


def test_a_changed_claim_breaks_the_signature(
    ivs: Direct, arn: str, signer: PlaybackSigner
) -> None:
    """Nobody makes a token last longer."""
    header, _, signature = signer.token(arn).split(".")
    payload = json.dumps({"aws:channel-arn": arn, "exp": 2**40}).encode()
    changed = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    assert refused(ivs, f"{header}.{changed}.{signature}") == "signature"
    assert refused(ivs, f"{header}.{changed}.{signature[:-4]}") == "signature"


def test_a_token_opens_its_own_channel(ivs: Direct, arn: str, signer: PlaybackSigner) -> None:
    """Not another, and none that is not there."""
    assert let_in(ivs, signer.token(arn), arn)["aws:channel-arn"] == arn
    assert refused(ivs, signer.token(arn), ivs.channel()) == "channel"
    assert refused(ivs, signer.token(UNKNOWN)) == "channel"
    assert refused(ivs, forged(ivs, arn, aws_channel_arn=7)) == "channel"


def test_a_token_expires(ivs: Direct, arn: str, signer: PlaybackSigner) -> None:
    """Playback may begin until then."""
    token = signer.token(arn, expires_in=timedelta(days=2))
    ivs.clock.advance(2 * 86_400 - 1)
    let_in(ivs, token)
    ivs.clock.advance(1)
    assert refused(ivs, token) == "expired"
    assert refused(ivs, forged(ivs, arn, exp=...)) == "expired"


def test_a_tracked_token_expires_within_ten_minutes(ivs: Direct, arn: str) -> None:
    """The official sample's milliseconds fail here."""
    now = int(ivs.clock())
    let_in(ivs, forged(ivs, arn, aws_viewer_id="v", exp=now + 600))
    assert refused(ivs, forged(ivs, arn, aws_viewer_id="v", exp=now + 601)) == "exp"
    milliseconds = forged(ivs, arn, aws_single_use_uuid=UUID_TEXT, exp=(now + 60) * 1_000)
    assert refused(ivs, milliseconds) == "exp"


def test_a_single_use_token_is_used_once(ivs: Direct, arn: str, signer: PlaybackSigner) -> None:
    """A refusal does not use it; a used one is remembered until it has expired."""
    token = signer.token(
        arn, single_use_uuid=UUID_TEXT, access_control_allow_origin="https://example.com"
    )
    assert refused(ivs, token, origin="https://example.org") == "origin"
    let_in(ivs, token)
    assert refused(ivs, token) == "used"
    ivs.clock.advance(301)
    assert refused(ivs, token) == "expired"
    let_in(ivs, signer.token(arn))
    assert not ivs.service.door._used


@pytest.mark.parametrize(
    ("origin", "enters"),
    [
        ("https://example.com", True),
        ("https://EXAMPLE.com", True),
        ("https://www.example.org", True),
        ("https://a.b.example.org", True),
        ("https://example.org", False),
        ("https://www.example.org:8443", False),
        ("http://example.com", False),
        ("https://example.com.evil.net", False),
        ("https://exampleXcom", False),
        (None, True),
    ],
)
def test_browsers_play_where_they_may(
    origin: str | None, enters: bool, ivs: Direct, arn: str, signer: PlaybackSigner
) -> None:
    """A star stands for the beginning of a host; a player that names no origin is no browser."""
    allowed = ["https://example.com", "https://*.example.org"]
    token = signer.token(arn, access_control_allow_origin=allowed)
    if enters:
        let_in(ivs, token, origin=origin)
    else:
        assert refused(ivs, token, origin=origin) == "origin"


def test_a_strictly_enforced_origin_must_be_named(
    ivs: Direct, arn: str, signer: PlaybackSigner
) -> None:
    """By every player; more than five cannot be enforced."""
    token = signer.token(
        arn, access_control_allow_origin="https://example.com", strict_origin_enforcement=True
    )
    let_in(ivs, token, origin="https://example.com")
    assert refused(ivs, token) == "origin"
    six = ",".join(f"https://{n}.com" for n in range(6))
    token = forged(
        ivs, arn, aws_access_control_allow_origin=six, aws_strict_origin_enforcement=True
    )
    assert refused(ivs, token) == "aws:access-control-allow-origin"
    anywhere = signer.token(arn, access_control_allow_origin="*")
    let_in(ivs, anywhere, origin="https://example.net")


def test_a_revoked_viewer_stays_out_up_to_the_version(
    ivs: Direct, arn: str, signer: PlaybackSigner
) -> None:
    """Later versions of the same viewer, and other viewers, are let in."""
    ivs(
        "StartViewerSessionRevocation",
        channelArn=arn,
        viewerId="v",
        viewerSessionVersionsLessThanOrEqualTo=5,
    )
    assert refused(ivs, signer.token(arn, viewer_id="v")) == "revoked"
    assert refused(ivs, signer.token(arn, viewer_id="v", viewer_session_version=5)) == "revoked"
    let_in(ivs, signer.token(arn, viewer_id="v", viewer_session_version=6))
    let_in(ivs, signer.token(arn, viewer_id="w"))
    let_in(ivs, forged(ivs, arn, aws_viewer_id="v", aws_viewer_session_version="6"))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("exp", 1.8e9 + 60.5),
        ("exp", "1800000060"),
        ("aws:access-control-allow-origin", ["https://a.com"]),
        ("aws:strict-origin-enforcement", "true"),
        ("aws:single-use-uuid", "no uuid"),
        ("aws:single-use-uuid", 7),
        ("aws:viewer-id", "x" * 41),
        ("aws:viewer-id", 7),
        ("aws:viewer-session-version", 2**63),
        ("aws:viewer-session-version", "six"),
        ("aws:maximum-resolution", "4K"),
        ("aws:ads-opt-out", 1),
        ("aws:ads-player-params", ["a"]),
        ("aws:ads-player-params", {"a": 1}),
        ("aws:ads-player-params", {"a": "x" * 1_000}),
        ("aws:ads-playback-config-name", 7),
        ("aws:ads-reporting-mode", "BOTH"),
    ],
)
def test_a_claim_that_breaks_its_rule_is_named(
    claim: str, value: object, ivs: Direct, arn: str
) -> None:
    """Signed or not."""
    payload = {"aws:channel-arn": arn, "exp": int(ivs.clock()) + 60, claim: value}
    assert refused(ivs, jwt.encode(payload, KEY, algorithm="ES384")) == claim  # type: ignore[arg-type]


def test_without_the_extra_the_error_is_the_command_that_mends_it(
    ivs: Direct, arn: str, signer: PlaybackSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local IVS itself needs no cryptography."""
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(LocalError, match=r"pip install 'ivs-async\[playback\]'"):
        let_in(ivs, signer.token(arn))


@given(
    st.fixed_dictionaries(
        {"expires_in": st.floats(1, 700)},
        optional={
            "viewer_id": st.text(min_size=1, max_size=42),
            "viewer_session_version": st.integers(-(2**63), 2**63 - 1),
            "single_use_uuid": st.uuids(),
            "maximum_resolution": st.sampled_from(["SD", "HD", "FULL_HD"]),
            "ads_opt_out": st.booleans(),
            "ads_player_params": st.dictionaries(
                st.text(min_size=1), st.text(max_size=300), max_size=5
            ),
            "ads_playback_config_name": st.text(min_size=1, max_size=64),
            "ads_reporting_mode": st.sampled_from(["CLIENT", "SERVER"]),
        },
    )
)
def test_whatever_the_signer_signs_lets_its_viewer_in(arguments: dict[str, Any]) -> None:
    """Two readings of the same rules, written apart."""
    ivs = direct()
    ivs("ImportPlaybackKeyPair", publicKeyMaterial=PAIR.public_key_pem)
    arn = ivs.channel(authorized=True)
    try:
        token = PlaybackSigner(PAIR.private_key_pem, clock=ivs.clock).token(arn, **arguments)
    except ParameterError:
        return
    assert let_in(ivs, token, arn)


def test_every_event_of_the_local_ivs_parses() -> None:
    """Each is of a known class, and a tracker ends with what the API would say."""
    ivs = direct(quotas=Quotas(streams=2))
    streams, passed = ivs.service.streams, ivs.clock.advance
    recorded = ivs("CreateRecordingConfiguration", destinationConfiguration=BUCKET)
    ads = ivs("CreateAdConfiguration", mediaTailorPlaybackConfigurations=ADS)
    arn = ivs.channel(
        name="a",
        recordingConfigurationArn=recorded["recordingConfiguration"]["arn"],
        adConfigurationArn=ads["adConfiguration"]["arn"],
    )
    streams.start(arn, priority=1)
    passed(5)
    ivs("InsertAdBreak", channelArn=arn, durationSeconds=20)
    streams.starve(arn)
    passed(5)
    streams.recover(arn)
    streams.start(arn, priority=2)
    with pytest.raises(StreamRefused):
        streams.start(arn, priority=1)
    passed(5)
    streams.stop(arn)
    passed(5)
    with pytest.raises(StreamRefused):
        streams.start(arn, failure="No room.")
    other = ivs.live_channel()
    with pytest.raises(StreamRefused):
        streams.start(ivs.channel(), ingest={"videoConfigurations": [{"videoHeight": 9_999}]})
    ivs.live_channel()
    with pytest.raises(StreamRefused):
        ivs.live_channel()

    events = [parse_event(json.dumps(event)) for event in ivs.service.events.all()]
    assert not [event for event in events if isinstance(event, UnknownEvent)]
    names = {event.name for event in events}
    assert names >= {
        *("Session Created", "Session Ended", "Stream Start", "Stream End", "Stream Failure"),
        *("Stream Takeover", "Stream Takeover Failure", "Starvation Start", "Starvation End"),
        *("Recording Start", "Recording End", "Ad Break Inserted"),
        *("Ingest Resolution", "Concurrent Broadcasts"),
    }
    tracker = StreamTracker()
    for event in events:
        tracker.fold(event)
    assert (tracker.state(arn).live, tracker.state(arn).recording) == (False, False)
    assert tracker.state(other).live is True
