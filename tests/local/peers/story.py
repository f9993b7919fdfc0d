"""One story that calls every operation and meets every error, told to any botocore client.

It imports nothing but the standard library: peers that need an older botocore run it in an
environment of their own. A driver makes the calls that `story` yields and sends back the answers.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

MEDIA_TAILOR = "arn:aws:mediatailor:us-west-2:123456789012:playbackConfiguration/ads"

Operator = Callable[..., Any]
"""Does what a stream or an operator does: the name under ``/_local/``, and its members."""


@dataclass(frozen=True)
class Call:
    """A call of a client's method; ``refused`` is the error that it must meet."""

    operation: str
    members: dict[str, Any]
    refused: str | None = None


@dataclass(frozen=True)
class Pages:
    """A list read to its end with the client's own paginator; answers with the pages."""

    operation: str
    members: dict[str, Any]


@dataclass
class Report:
    """What came of a story."""

    called: set[str] = field(default_factory=set)
    paginated: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)

    def dump(self) -> str:
        """As JSON."""
        return json.dumps({name: sorted(items) for name, items in vars(self).items()})


def judge(step: Call, error: Any, kinds: Any, report: Report) -> None:
    """Hold what came of a call against the story.

    Args:
        step: The call.
        error: botocore's ``ClientError``, None if the call succeeded.
        kinds: The client's error classes by name.
        report: Notes what was met.
    """
    if step.refused is None:
        assert error is None, f"{step.operation}: {error}"
        return
    assert isinstance(error, getattr(kinds, step.refused)), f"{step.operation}: {error}"
    assert error.response["Error"]["Message"]
    report.errors.add(step.refused)


def operator(endpoint_url: str) -> Operator:
    """An operator of the local IVS at an endpoint."""

    def ask(name: str, method: str = "POST", **members: Any) -> Any:
        request = urllib.request.Request(
            f"{endpoint_url}/_local/{name}", json.dumps(members).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    return ask


def story(
    operate: Operator, knows: Callable[[str], bool], public_key: str
) -> Generator[Call | Pages, Any, None]:
    """Calls everything once, and more where a single call would show nothing.

    Args:
        operate: Does what a stream or an operator does.
        knows: Whether the client has an operation.
        public_key: The PEM of a P-384 key.
    """
    created = yield Call("create_channel", {"name": "demo", "tags": {"team": "red"}})
    arn, key = created["channel"]["arn"], created["streamKey"]
    yield from channels(arn, key)
    yield from playback(arn, public_key)
    yield from configurations(arn, knows)
    yield from streams(operate, arn)
    yield from refusals(operate, arn)
    yield Call("delete_stream_key", {"arn": key["arn"]})
    fresh = yield Call("create_stream_key", {"channelArn": arn})
    assert fresh["streamKey"]["value"] != key["value"]
    yield Call("delete_channel", {"arn": arn})


def channels(arn: str, key: dict[str, str]) -> Generator[Call | Pages, Any, None]:
    """Channels, stream keys and tags."""
    found = yield Call("get_channel", {"arn": arn})
    assert found["channel"]["name"] == "demo"
    missing = arn[:-12] + "abcdefghijkl"
    batch = yield Call("batch_get_channel", {"arns": [arn, missing]})
    assert [channel["arn"] for channel in batch["channels"]] == [arn]
    assert [error["code"] for error in batch["errors"]] == ["ResourceNotFoundException"]
    updated = yield Call("update_channel", {"arn": arn, "latencyMode": "NORMAL"})
    assert updated["channel"]["latencyMode"] == "NORMAL"
    for _ in range(4):
        yield Call("create_channel", {})
    listed = yield Call("list_channels", {"filterByName": "demo"})
    assert len(listed["channels"]) == 1
    pages = yield Pages("list_channels", {"PaginationConfig": {"PageSize": 2}})
    assert [len(page["channels"]) for page in pages] == [2, 2, 1]
    found = yield Call("get_stream_key", {"arn": key["arn"]})
    assert found["streamKey"]["value"] == key["value"]
    batch = yield Call("batch_get_stream_key", {"arns": [key["arn"]]})
    assert len(batch["streamKeys"]) == 1
    listed = yield Call("list_stream_keys", {"channelArn": arn})
    assert [each["arn"] for each in listed["streamKeys"]] == [key["arn"]]
    yield Pages("list_stream_keys", {"channelArn": arn})
    yield Call("tag_resource", {"resourceArn": arn, "tags": {"a b": "ü+/=", "team": "blue"}})
    yield Call("untag_resource", {"resourceArn": arn, "tagKeys": ["a b", "x&y"]})
    tags = yield Call("list_tags_for_resource", {"resourceArn": arn})
    assert tags["tags"] == {"team": "blue"}


def playback(arn: str, public_key: str) -> Generator[Call | Pages, Any, None]:
    """Key pairs, restriction policies, revocation."""
    imported = yield Call("import_playback_key_pair", {"publicKeyMaterial": public_key})
    pair = imported["keyPair"]["arn"]
    found = yield Call("get_playback_key_pair", {"arn": pair})
    assert found["keyPair"]["fingerprint"] == imported["keyPair"]["fingerprint"]
    yield Call("list_playback_key_pairs", {})
    yield Pages("list_playback_key_pairs", {})
    yield Call("delete_playback_key_pair", {"arn": pair})
    yield Call("start_viewer_session_revocation", {"channelArn": arn, "viewerId": "viewer"})
    viewers = [{"channelArn": arn, "viewerId": "viewer"}]
    batch = yield Call("batch_start_viewer_session_revocation", {"viewerSessions": viewers})
    assert batch["errors"] == []
    created = yield Call("create_playback_restriction_policy", {"allowedCountries": ["DE"]})
    policy = created["playbackRestrictionPolicy"]["arn"]
    yield Call("get_playback_restriction_policy", {"arn": policy})
    yield Call("list_playback_restriction_policies", {})
    origins = {"arn": policy, "allowedOrigins": ["https://example.com"]}
    updated = yield Call("update_playback_restriction_policy", origins)
    assert updated["playbackRestrictionPolicy"]["allowedCountries"] == ["DE"]
    yield Call("delete_playback_restriction_policy", {"arn": policy})


def configurations(arn: str, knows: Callable[[str], bool]) -> Generator[Call | Pages, Any, None]:
    """Recording, ad and failover slate configurations; leaves ads on the channel."""
    bucket = {"destinationConfiguration": {"s3": {"bucketName": "recordings"}}}
    created = yield Call("create_recording_configuration", bucket)
    recording = created["recordingConfiguration"]["arn"]
    assert created["recordingConfiguration"]["state"] == "CREATING"
    found = yield Call("get_recording_configuration", {"arn": recording})
    assert found["recordingConfiguration"]["state"] == "ACTIVE"
    yield Call("list_recording_configurations", {})
    yield Pages("list_recording_configurations", {})
    yield Call("delete_recording_configuration", {"arn": recording})
    if knows("create_failover_slate_configuration"):
        created = yield Call("create_failover_slate_configuration", {"name": "slate"})
        slate = {"arn": created["failoverSlateConfiguration"]["arn"]}
        yield Call("get_failover_slate_configuration", slate)
        yield Call("list_failover_slate_configurations", {})
        yield Call("update_failover_slate_configuration", {**slate, "name": "other"})
        yield Call("delete_failover_slate_configuration", slate)
    ads = {"mediaTailorPlaybackConfigurations": [{"playbackConfigurationArn": MEDIA_TAILOR}]}
    if not knows("create_ad_configuration"):
        return
    created = yield Call("create_ad_configuration", ads)
    configuration = created["adConfiguration"]["arn"]
    yield Call("get_ad_configuration", {"arn": configuration})
    yield Call("list_ad_configurations", {})
    yield Pages("list_ad_configurations", {})
    if knows("update_ad_configuration"):
        yield Call("update_ad_configuration", {"arn": configuration, "name": "ads"})
    spare = yield Call("create_ad_configuration", ads)
    yield Call("delete_ad_configuration", {"arn": spare["adConfiguration"]["arn"]})
    yield Call("update_channel", {"arn": arn, "adConfigurationArn": configuration})


def streams(operate: Operator, arn: str) -> Generator[Call | Pages, Any, None]:
    """A stream from start to end."""
    channel = {"channelArn": arn}
    yield Call("put_metadata", {**channel, "metadata": "cue"}, refused="ChannelNotBroadcasting")
    stream_id = operate("start-stream", **channel, viewers=3)["streamId"]
    found = yield Call("get_stream", channel)
    assert found["stream"]["viewerCount"] == 3
    yield Call("list_streams", {"filterBy": {"health": "HEALTHY"}})
    pages = yield Pages("list_streams", {})
    assert [each["streamId"] for page in pages for each in page["streams"]] == [stream_id]
    yield Call("put_metadata", {**channel, "metadata": "größe"})
    yield Call("insert_ad_break", {**channel, "durationSeconds": 30})
    yield Call("insert_ad_break", {**channel, "durationSeconds": 30}, refused="ThrottlingException")
    yield Call("stop_stream", channel, refused=fail(operate, "StopStream", "StreamUnavailable"))
    yield Call("stop_stream", channel)
    session = yield Call("get_stream_session", {**channel, "streamId": stream_id})
    events = session["streamSession"]["truncatedEvents"]
    assert events[-1]["name"] == "Session Created"
    sessions = yield Call("list_stream_sessions", channel)
    assert sessions["streamSessions"][0]["hasErrorEvent"] is False


def refusals(operate: Operator, arn: str) -> Generator[Call | Pages, Any, None]:
    """Each error that the streams did not meet, and those that AWS gives before any operation."""
    yield Call("get_channel", {"arn": "x"}, refused="ValidationException")
    missing = arn[:-12] + "abcdefghijkl"
    yield Call("get_channel", {"arn": missing}, refused="ResourceNotFoundException")
    policy = "arn:aws:ivs:us-west-2:123456789012:playback-restriction-policy/a"
    both = {"filterByName": "demo", "filterByPlaybackRestrictionPolicyArn": policy}
    yield Call("list_channels", both, refused="ConflictException")
    yield Call("create_stream_key", {"channelArn": arn}, refused="ServiceQuotaExceededException")
    bucket = {"destinationConfiguration": {"s3": {"bucketName": "recordings"}}}
    internal = fail(operate, "CreateRecordingConfiguration", "InternalServerException")
    yield Call("create_recording_configuration", bucket, refused=internal)
    unavailable = fail(operate, "BatchGetChannel", "ServiceUnavailable")
    yield Call("batch_get_channel", {"arns": [arn]}, refused=unavailable)
    operate("deny", operations=["GetChannel"])
    yield Call("get_channel", {"arn": arn}, refused="AccessDeniedException")
    operate("deny", operations=[])
    operate("set-account-verified", verified=False)
    yield Call("create_channel", {}, refused="PendingVerification")
    operate("set-account-verified", verified=True)


def fail(operate: Operator, operation: str, error: str) -> str:
    """Let the next call of an operation fail; gives back the error's name."""
    operate("faults", operation=operation, error=error)
    return error
