"""Recording, ad and failover slate configurations behave as documented."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_async.local import Delays, Quotas

from .helpers import MEDIA_TAILOR, Direct, direct

BUCKET = {"s3": {"bucketName": "recordings"}}
ADS = [{"playbackConfigurationArn": MEDIA_TAILOR}]


def test_a_recording_configuration_is_being_created_and_then_active() -> None:
    """The answer of Create says CREATING, and it becomes ACTIVE after a while."""
    ivs = direct(delays=Delays(recording_configuration=5))
    created = ivs("CreateRecordingConfiguration", destinationConfiguration=BUCKET)
    arn = created["recordingConfiguration"]["arn"]
    assert created["recordingConfiguration"]["state"] == "CREATING"

    def state() -> str:
        found: str = ivs("GetRecordingConfiguration", arn=arn)["recordingConfiguration"]["state"]
        return found

    ivs.clock.advance(4.9)
    assert state() == "CREATING"
    ivs.clock.advance(0.1)
    assert state() == "ACTIVE"


def test_without_delays_the_answer_still_says_creating(ivs: Direct) -> None:
    """Code that trusts the first answer fails here as it does on IVS."""
    created = ivs("CreateRecordingConfiguration", destinationConfiguration=BUCKET)
    assert created["recordingConfiguration"]["state"] == "CREATING"
    (listed,) = ivs("ListRecordingConfigurations")["recordingConfigurations"]
    assert listed["state"] == "ACTIVE"


def test_a_recording_configuration_has_the_documented_defaults(ivs: Direct) -> None:
    """Thumbnails each minute, all renditions, no reconnect window."""
    created = ivs("CreateRecordingConfiguration", destinationConfiguration=BUCKET)
    configuration = created["recordingConfiguration"]
    assert configuration["recordingReconnectWindowSeconds"] == 0
    assert configuration["thumbnailConfiguration"] == {
        "recordingMode": "INTERVAL",
        "targetIntervalSeconds": 60,
        "storage": ["SEQUENTIAL"],
    }
    assert configuration["renditionConfiguration"]["renditionSelection"] == "ALL"


def test_a_bucket_elsewhere_fails_late_in_us_east_1_and_at_once_in_other_regions() -> None:
    """The documented quirk: us-east-1 accepts the bucket and ends in CREATE_FAILED."""
    east = direct(region="us-east-1")
    east.service.store.buckets["recordings"] = "eu-west-1"
    created = east("CreateRecordingConfiguration", destinationConfiguration=BUCKET)
    arn = created["recordingConfiguration"]["arn"]
    found = east("GetRecordingConfiguration", arn=arn)["recordingConfiguration"]
    assert found["state"] == "CREATE_FAILED"

    west = direct()
    west.service.store.buckets["recordings"] = "eu-west-1"
    refused = west.refused("CreateRecordingConfiguration", destinationConfiguration=BUCKET)
    assert refused.code == "ValidationException"
    assert "bucketName" in refused.message


@pytest.mark.parametrize(
    ("settings", "member"),
    [
        ({"destinationConfiguration": {}}, "destinationConfiguration.s3"),
        (
            {"renditionConfiguration": {"renditionSelection": "CUSTOM"}},
            "renditionConfiguration.renditions",
        ),
        (
            {"thumbnailConfiguration": {"recordingMode": "DISABLED", "targetIntervalSeconds": 5}},
            "thumbnailConfiguration.targetIntervalSeconds",
        ),
    ],
)
def test_recording_settings_must_go_together(
    ivs: Direct, settings: dict[str, object], member: str
) -> None:
    """Each refusal names the member."""
    whole = {"destinationConfiguration": BUCKET} | settings
    refused = ivs.refused("CreateRecordingConfiguration", **whole)
    assert refused.code == "ValidationException"
    assert member in refused.message


def test_thumbnails_can_be_switched_off(ivs: Direct) -> None:
    """A configuration without thumbnails has no interval."""
    created = ivs(
        "CreateRecordingConfiguration",
        destinationConfiguration=BUCKET,
        thumbnailConfiguration={"recordingMode": "DISABLED"},
    )
    thumbnails = created["recordingConfiguration"]["thumbnailConfiguration"]
    assert thumbnails == {"recordingMode": "DISABLED", "storage": ["SEQUENTIAL"]}


def test_the_post_roll_is_off_until_it_is_set_and_survives_other_updates(ivs: Direct) -> None:
    """Left out of a Create it is off with 15 seconds; left out of an Update it stays."""
    created = ivs("CreateAdConfiguration", mediaTailorPlaybackConfigurations=ADS)
    arn = created["adConfiguration"]["arn"]
    off = {"enabled": False, "durationSeconds": 15}
    assert created["adConfiguration"]["postRollConfiguration"] == off
    on = {"enabled": True, "durationSeconds": 30}
    ivs("UpdateAdConfiguration", arn=arn, postRollConfiguration=on)
    renamed = ivs("UpdateAdConfiguration", arn=arn, name="ads")["adConfiguration"]
    assert (renamed["name"], renamed["postRollConfiguration"]) == ("ads", on)
    assert ivs("ListAdConfigurations")["adConfigurations"] == [renamed]


def test_a_failover_slate_configuration_goes_through_its_states() -> None:
    """CREATING, CREATED, UPDATING, CREATED; an update in between is a conflict."""
    ivs = direct(delays=Delays(failover_slate_configuration=2))
    created = ivs("CreateFailoverSlateConfiguration", name="slate")
    slate = created["failoverSlateConfiguration"]
    assert slate["state"] == "CREATING"
    assert slate["activationThresholdSeconds"] == slate["minSlateDisplaySeconds"] == 3
    assert slate["maxSlateDisplaySeconds"] == 60
    arn = slate["arn"]
    early = ivs.refused("UpdateFailoverSlateConfiguration", arn=arn, name="other")
    assert early.code == "ConflictException"
    ivs.clock.advance(2)
    updated = ivs("UpdateFailoverSlateConfiguration", arn=arn, maxSlateDisplaySeconds=90)
    assert updated["failoverSlateConfiguration"]["state"] == "UPDATING"
    assert updated["failoverSlateConfiguration"]["maxSlateDisplaySeconds"] == 90
    ivs.clock.advance(2)
    (listed,) = ivs("ListFailoverSlateConfigurations")["failoverSlateConfigurations"]
    assert (listed["state"], listed["name"]) == ("CREATED", "slate")


CREATE: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "recording": (
        "CreateRecordingConfiguration",
        {"destinationConfiguration": BUCKET},
        "recordingConfiguration",
        "RecordingConfiguration",
    ),
    "ad": (
        "CreateAdConfiguration",
        {"mediaTailorPlaybackConfigurations": ADS},
        "adConfiguration",
        "AdConfiguration",
    ),
    "slate": (
        "CreateFailoverSlateConfiguration",
        {},
        "failoverSlateConfiguration",
        "FailoverSlateConfiguration",
    ),
    "policy": (
        "CreatePlaybackRestrictionPolicy",
        {},
        "playbackRestrictionPolicy",
        "PlaybackRestrictionPolicy",
    ),
}


@pytest.mark.parametrize("kind", CREATE)
def test_what_a_channel_uses_cannot_be_deleted(ivs: Direct, kind: str) -> None:
    """Detach it from every channel first; then it is gone."""
    create, settings, member, noun = CREATE[kind]
    arn = ivs(create, **settings)[member]["arn"]
    channel = ivs.channel(**{f"{member}Arn": arn})
    assert ivs.refused(f"Delete{noun}", arn=arn).code == "ConflictException"
    ivs("UpdateChannel", arn=channel, **{f"{member}Arn": ""})
    assert ivs(f"Delete{noun}", arn=arn) is None
    assert ivs.refused(f"Get{noun}", arn=arn).code == "ResourceNotFoundException"
    assert ivs.refused(f"Delete{noun}", arn=arn).code == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", CREATE)
def test_the_quotas_of_configurations_hold(kind: str) -> None:
    """One too many is ServiceQuotaExceededException."""
    one = Quotas(
        recording_configurations=1,
        ad_configurations=1,
        failover_slate_configurations=1,
        playback_restriction_policies=1,
    )
    ivs = direct(quotas=one)
    create, settings, _, _ = CREATE[kind]
    ivs(create, **settings)
    assert ivs.refused(create, **settings).code == "ServiceQuotaExceededException"
