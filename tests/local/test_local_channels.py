"""Channels and stream keys behave as documented."""

from __future__ import annotations

import re

import pytest

from ivs_async.local import Quotas

from .helpers import ACCOUNT, MEDIA_TAILOR, REGION, UNKNOWN, Direct, direct


def test_a_new_channel_has_the_documented_defaults_and_one_stream_key(ivs: Direct) -> None:
    """CreateChannel without arguments makes a STANDARD channel and the key to stream to it."""
    created = ivs("CreateChannel")
    channel, key = created["channel"], created["streamKey"]
    assert channel["type"] == "STANDARD"
    assert channel["latencyMode"] == "LOW"
    assert channel["containerFormat"] == "TS"
    assert channel["preset"] == ""
    assert channel["authorized"] is channel["insecureIngest"] is False
    assert channel["tags"] == {}
    assert key["channelArn"] == channel["arn"]


def test_names_and_addresses_look_like_those_of_ivs(ivs: Direct) -> None:
    """Code that takes ARNs, endpoints or playback URLs apart finds in them what it expects."""
    created = ivs("CreateChannel")
    channel, key = created["channel"], created["streamKey"]
    channel_id = channel["arn"].rpartition("/")[2]
    assert re.fullmatch(
        rf"arn:aws:ivs:{REGION}:{ACCOUNT}:channel/[A-Za-z0-9]{{12}}", channel["arn"]
    )
    assert re.fullmatch(rf"arn:aws:ivs:{REGION}:{ACCOUNT}:stream-key/[A-Za-z0-9]{{12}}", key["arn"])
    assert re.fullmatch(rf"sk_{REGION}_{channel_id}_[A-Za-z0-9]+", key["value"])
    ingest = re.fullmatch(
        r"([0-9a-f]{12})\.global-contribute\.live-video\.net", channel["ingestEndpoint"]
    )
    assert ingest is not None
    assert channel["playbackUrl"] == (
        f"https://{ingest[1]}.{REGION}.playback.live-video.net/api/video/v1/"
        f"{REGION}.{ACCOUNT}.channel.{channel_id}.m3u8"
    )
    assert channel["srt"]["endpoint"] == f"{ingest[1]}.srt.live-video.net"
    assert channel["srt"]["passphrase"]


def test_reading_a_channel_never_shows_its_stream_key(ivs: Direct) -> None:
    """GetChannel and BatchGetChannel answer with the channel alone."""
    arn = ivs.channel()
    assert set(ivs("GetChannel", arn=arn)) == {"channel"}
    assert "streamKeys" not in ivs("BatchGetChannel", arns=[arn])


def test_a_batch_tells_what_it_did_not_find(ivs: Direct) -> None:
    """Missing ARNs become errors of their own beside what was found."""
    arn = ivs.channel()
    answer = ivs("BatchGetChannel", arns=[arn, UNKNOWN])
    assert [channel["arn"] for channel in answer["channels"]] == [arn]
    (error,) = answer["errors"]
    assert error["arn"] == UNKNOWN
    assert error["code"] == "ResourceNotFoundException"


def test_a_second_stream_key_is_refused_until_the_first_is_deleted(ivs: Direct) -> None:
    """One key per channel: rotation is delete, then create."""
    arn = ivs.channel()
    (key,) = ivs("ListStreamKeys", channelArn=arn)["streamKeys"]
    assert ivs.refused("CreateStreamKey", channelArn=arn).code == "ServiceQuotaExceededException"
    ivs("DeleteStreamKey", arn=key["arn"])
    fresh = ivs("CreateStreamKey", channelArn=arn)["streamKey"]
    assert ivs("GetStreamKey", arn=fresh["arn"])["streamKey"]["value"] == fresh["value"]
    batch = ivs("BatchGetStreamKey", arns=[fresh["arn"], key["arn"]])
    assert [found["value"] for found in batch["streamKeys"]] == [fresh["value"]]
    assert [error["arn"] for error in batch["errors"]] == [key["arn"]]


def test_lists_show_no_stream_key_values(ivs: Direct) -> None:
    """ListStreamKeys gives summaries."""
    (key,) = ivs("ListStreamKeys", channelArn=ivs.channel())["streamKeys"]
    assert set(key) == {"arn", "channelArn", "tags"}


def test_deleting_a_channel_deletes_its_stream_key(ivs: Direct) -> None:
    """Nothing is left of a deleted channel but its stream sessions."""
    arn = ivs.channel()
    (key,) = ivs("ListStreamKeys", channelArn=arn)["streamKeys"]
    ivs("DeleteChannel", arn=arn)
    assert ivs.refused("GetChannel", arn=arn).code == "ResourceNotFoundException"
    assert ivs.refused("GetStreamKey", arn=key["arn"]).code == "ResourceNotFoundException"
    assert ivs.refused("ListStreamKeys", channelArn=arn).code == "ResourceNotFoundException"


def test_a_live_channel_can_be_neither_updated_nor_deleted(ivs: Direct) -> None:
    """Both are conflicts until the stream has ended."""
    arn = ivs.live_channel()
    assert ivs.refused("UpdateChannel", arn=arn, name="new").code == "ConflictException"
    assert ivs.refused("DeleteChannel", arn=arn).code == "ConflictException"
    ivs("StopStream", channelArn=arn)
    assert ivs("UpdateChannel", arn=arn, name="new")["channel"]["name"] == "new"
    ivs("DeleteChannel", arn=arn)


def test_an_update_leaves_alone_what_it_does_not_name(ivs: Direct) -> None:
    """Members that are absent or null keep their value."""
    arn = ivs.channel(name="before", latencyMode="NORMAL", tags={"a": "b"})
    updated = ivs("UpdateChannel", arn=arn, name="after", authorized=None)["channel"]
    assert (updated["name"], updated["latencyMode"]) == ("after", "NORMAL")
    assert updated["tags"] == {"a": "b"}


def test_an_empty_arn_detaches_what_was_attached(ivs: Direct) -> None:
    """The empty string, not null, clears a link."""
    policy = ivs("CreatePlaybackRestrictionPolicy")["playbackRestrictionPolicy"]["arn"]
    arn = ivs.channel(playbackRestrictionPolicyArn=policy)
    assert ivs("GetChannel", arn=arn)["channel"]["playbackRestrictionPolicyArn"] == policy
    ivs("UpdateChannel", arn=arn, playbackRestrictionPolicyArn="")
    assert ivs("GetChannel", arn=arn)["channel"]["playbackRestrictionPolicyArn"] == ""


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ("recordingConfigurationArn", "recording-configuration"),
        ("playbackRestrictionPolicyArn", "playback-restriction-policy"),
        ("adConfigurationArn", "ad-configuration"),
        ("failoverSlateConfigurationArn", "failover-slate-configuration"),
    ],
)
def test_a_channel_refers_only_to_what_exists(ivs: Direct, member: str, kind: str) -> None:
    """A link to nothing is ResourceNotFoundException, on creation and on update."""
    link = {member: f"arn:aws:ivs:{REGION}:{ACCOUNT}:{kind}/unknown"}
    assert ivs.refused("CreateChannel", **link).code == "ResourceNotFoundException"
    arn = ivs.channel()
    assert ivs.refused("UpdateChannel", arn=arn, **link).code == "ResourceNotFoundException"


def test_the_preset_belongs_to_advanced_channels(ivs: Direct) -> None:
    """ADVANCED types have a preset, by default the higher one; the others have none."""
    refused = ivs.refused("CreateChannel", preset="HIGHER_BANDWIDTH_DELIVERY")
    assert refused.code == "ValidationException"
    assert "CreateChannel.preset" in refused.message
    arn = ivs.channel(type="ADVANCED_HD")
    assert ivs("GetChannel", arn=arn)["channel"]["preset"] == "HIGHER_BANDWIDTH_DELIVERY"
    lower = ivs("UpdateChannel", arn=arn, preset="CONSTRAINED_BANDWIDTH_DELIVERY")["channel"]
    assert lower["preset"] == "CONSTRAINED_BANDWIDTH_DELIVERY"
    assert ivs("UpdateChannel", arn=arn, type="BASIC", preset="")["channel"]["preset"] == ""


MULTITRACK = {"enabled": True, "policy": "ALLOW", "maximumResolution": "HD"}


@pytest.mark.parametrize(
    ("settings", "member"),
    [
        ({"type": "BASIC", "containerFormat": "FRAGMENTED_MP4"}, "enabled"),
        ({"containerFormat": "TS"}, "containerFormat"),
        (
            {
                "containerFormat": "FRAGMENTED_MP4",
                "multitrackInputConfiguration": {"enabled": True, "maximumResolution": "HD"},
            },
            "policy",
        ),
        (
            {
                "containerFormat": "FRAGMENTED_MP4",
                "multitrackInputConfiguration": {"enabled": True, "policy": "ALLOW"},
            },
            "maximumResolution",
        ),
    ],
)
def test_multitrack_needs_its_companions(
    ivs: Direct, settings: dict[str, object], member: str
) -> None:
    """Multitrack is for STANDARD channels in fragmented MP4 with policy and resolution."""
    refused = ivs.refused(
        "CreateChannel", **{"multitrackInputConfiguration": MULTITRACK} | settings
    )
    assert refused.code == "ValidationException"
    assert member in refused.message
    whole = {"containerFormat": "FRAGMENTED_MP4", "multitrackInputConfiguration": MULTITRACK}
    assert ivs("CreateChannel", **whole)["channel"]["multitrackInputConfiguration"] == MULTITRACK


def test_ads_need_the_transport_stream_format(ivs: Direct) -> None:
    """An ad configuration and fragmented MP4 do not go together."""
    ads = ivs(
        "CreateAdConfiguration",
        mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": MEDIA_TAILOR}],
    )["adConfiguration"]["arn"]
    arn = ivs.channel(containerFormat="FRAGMENTED_MP4")
    refused = ivs.refused("UpdateChannel", arn=arn, adConfigurationArn=ads)
    assert refused.code == "ValidationException"
    assert "UpdateChannel.containerFormat" in refused.message
    ivs("UpdateChannel", arn=arn, adConfigurationArn=ads, containerFormat="TS")


def test_insecure_ingest_needs_no_passphrase(ivs: Direct) -> None:
    """The SRT passphrase goes with insecure ingest and comes back, a new one, without it."""
    arn = ivs.channel()
    before = ivs("GetChannel", arn=arn)["channel"]["srt"]["passphrase"]
    insecure = ivs("UpdateChannel", arn=arn, insecureIngest=True)["channel"]
    assert insecure["srt"]["passphrase"] == ""
    secure = ivs("UpdateChannel", arn=arn, insecureIngest=False)["channel"]
    assert secure["srt"]["passphrase"] not in {"", before}
    assert ivs("CreateChannel", insecureIngest=True)["channel"]["srt"]["passphrase"] == ""


def test_one_filter_narrows_the_list_and_two_are_a_conflict(ivs: Direct) -> None:
    """ListChannels takes one filter at a time."""
    policy = ivs("CreatePlaybackRestrictionPolicy")["playbackRestrictionPolicy"]["arn"]
    named = ivs.channel(name="demo")
    linked = ivs.channel(playbackRestrictionPolicyArn=policy)
    ivs.channel()

    def found(**filters: str) -> list[str]:
        return [channel["arn"] for channel in ivs("ListChannels", **filters)["channels"]]

    assert found(filterByName="demo") == [named]
    assert found(filterByPlaybackRestrictionPolicyArn=policy) == [linked]
    assert found(filterByName="demos") == []
    both = {"filterByName": "demo", "filterByPlaybackRestrictionPolicyArn": policy}
    assert ivs.refused("ListChannels", **both).code == "ConflictException"


def test_a_summary_leaves_out_addresses_and_secrets(ivs: Direct) -> None:
    """ListChannels tells less than GetChannel."""
    ivs.channel()
    (summary,) = ivs("ListChannels")["channels"]
    assert not {"srt", "playbackUrl", "ingestEndpoint"} & set(summary)


def test_the_quota_of_channels_holds() -> None:
    """One channel too many is refused with 402."""
    ivs = direct(quotas=Quotas(channels=2))
    ivs.channel()
    ivs.channel()
    refused = ivs.refused("CreateChannel")
    assert (refused.code, refused.status) == ("ServiceQuotaExceededException", 402)
    assert len(ivs("ListChannels")["channels"]) == 2
