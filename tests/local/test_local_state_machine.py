"""Random sequences of operations against a simple model of what IVS should be.

The model knows what exists, what refers to what, and what is live. For each call it says which
error is due, or what the answer must show; the service must agree, and never fail by itself.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ivs_async.local import Delays, Quotas, StreamRefused
from ivs_async.local.errors import ApiError
from ivs_async.local.server import SECURITY_HEADERS
from tests.oracle import arguments

from .helpers import PUBLIC_KEYS, Direct, direct
from .model import SERVICE, faults

NAMES = st.sampled_from(["", "a", "b"])
TAGS = st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["", "1", "2"]), max_size=3)
QUOTAS = Quotas(channels=4, streams=2, recording_configurations=2, playback_restriction_policies=2)
BUCKET = {"s3": {"bucketName": "bucket"}}


@attrs.define
class Channel:
    """What the model knows of a channel."""

    name: str
    tags: dict[str, str]
    recording: str = ""
    policy: str = ""
    key: str | None = None
    sessions: list[str] = attrs.field(factory=list)
    live: bool = False
    cues: list[str] = attrs.field(factory=list)


def judged(operation: str, answer: Any) -> Any:
    """An answer that botocore's model allows."""
    body = b"" if answer is None else json.dumps(answer).encode()
    assert faults(operation, 204 if answer is None else 200, {}, body) == []
    return answer


class Ivs(RuleBasedStateMachine):
    """The service and its model, side by side."""

    channels = Bundle("channels")
    keys = Bundle("keys")
    recordings = Bundle("recordings")
    policies = Bundle("policies")
    pairs = Bundle("pairs")

    def __init__(self) -> None:
        super().__init__()
        self.ivs: Direct
        self.model: dict[str, Channel] = {}
        self.gone: dict[str, Channel] = {}
        self.recording: dict[str, dict[str, str]] = {}
        self.policy: dict[str, dict[str, Any]] = {}
        self.pair: dict[str, str] = {}

    @initialize()
    def begin(self) -> None:
        """An empty account with small quotas."""
        self.ivs = direct(quotas=QUOTAS, delays=Delays(recording_configuration=5))

    def call(self, due: str | None, operation: str, **request: Any) -> Any:
        """Make a call that must be refused with ``due``, or succeed if there is none."""
        if due is None:
            return judged(operation, self.ivs(operation, **request))
        assert self.ivs.refused(operation, **request).code == due
        return None

    def missing(self, arn: str) -> str | None:
        """The error of a call on a channel that may be gone."""
        return None if arn in self.model else "ResourceNotFoundException"

    @rule(target=channels, name=NAMES, tags=TAGS)
    def create_channel(self, name: str, tags: dict[str, str]) -> Any:
        """Up to the quota."""
        full = len(self.model) >= QUOTAS.channels
        due = "ServiceQuotaExceededException" if full else None
        answer = self.call(due, "CreateChannel", name=name, tags=tags)
        if answer is None:
            return multiple()
        arn: str = answer["channel"]["arn"]
        self.model[arn] = Channel(name, dict(tags), key=answer["streamKey"]["arn"])
        return arn

    @rule(arn=channels, name=NAMES)
    def rename_channel(self, arn: str, name: str) -> None:
        """Not while it is live."""
        due = self.missing(arn) or ("ConflictException" if self.model[arn].live else None)
        self.call(due, "UpdateChannel", arn=arn, name=name)
        if due is None:
            self.model[arn].name = name

    @rule(arn=channels, link=recordings | st.just(""))
    def record_channel(self, arn: str, link: str) -> None:
        """Only by a configuration that exists."""
        due = self.missing(arn) or ("ConflictException" if self.model[arn].live else None)
        if due is None and link and link not in self.recording:
            due = "ResourceNotFoundException"
        self.call(due, "UpdateChannel", arn=arn, recordingConfigurationArn=link)
        if due is None:
            self.model[arn].recording = link

    @rule(arn=channels, link=policies | st.just(""))
    def restrict_channel(self, arn: str, link: str) -> None:
        """Only by a policy that exists."""
        due = self.missing(arn) or ("ConflictException" if self.model[arn].live else None)
        if due is None and link and link not in self.policy:
            due = "ResourceNotFoundException"
        self.call(due, "UpdateChannel", arn=arn, playbackRestrictionPolicyArn=link)
        if due is None:
            self.model[arn].policy = link

    @rule(arn=channels)
    def delete_channel(self, arn: str) -> None:
        """Not while it is live; its key goes with it, its sessions stay."""
        due = self.missing(arn) or ("ConflictException" if self.model[arn].live else None)
        self.call(due, "DeleteChannel", arn=arn)
        if due is None:
            self.gone[arn] = self.model.pop(arn)

    @rule(target=keys, arn=channels)
    def create_stream_key(self, arn: str) -> Any:
        """One for each channel."""
        due = self.missing(arn)
        if due is None and self.model[arn].key is not None:
            due = "ServiceQuotaExceededException"
        answer = self.call(due, "CreateStreamKey", channelArn=arn)
        if answer is None:
            return multiple()
        self.model[arn].key = answer["streamKey"]["arn"]
        return self.model[arn].key

    @rule(arn=channels)
    def delete_stream_key(self, arn: str) -> None:
        """A stream that is live goes on without it."""
        assume(arn in self.model)
        key = self.model[arn].key
        assume(key is not None)
        self.call(None, "DeleteStreamKey", arn=key)
        self.model[arn].key = None

    @rule(key=keys)
    def get_stream_key(self, key: str) -> None:
        """Known as long as a channel has it."""
        known = any(channel.key == key for channel in self.model.values())
        self.call(None if known else "ResourceNotFoundException", "GetStreamKey", arn=key)

    @rule(arn=channels)
    def start_stream(self, arn: str) -> None:
        """Needs a channel, a key, quiet, and a place in the quota."""
        channel = self.model.get(arn)
        live = sum(each.live for each in self.model.values())
        if channel is None or channel.key is None or channel.live or live >= QUOTAS.streams:
            with pytest.raises(StreamRefused):
                self.ivs.service.streams.start(arn)
            return
        channel.sessions.append(self.ivs.service.streams.start(arn))
        channel.live = True

    @rule(arn=channels, by_operator=st.booleans())
    def stop_stream(self, arn: str, by_operator: bool) -> None:
        """By the API or by the broadcaster."""
        channel = self.model.get(arn)
        if by_operator:
            self.ivs.service.streams.stop(arn)
        else:
            due = self.missing(arn)
            if due is None and not self.model[arn].live:
                due = "ChannelNotBroadcasting"
            self.call(due, "StopStream", channelArn=arn)
        if channel is not None:
            channel.live = False

    @rule(arn=channels, size=st.sampled_from([1, 1_024, 1_025]))
    def put_metadata(self, arn: str, size: int) -> None:
        """Into a live stream, a kilobyte at most."""
        due = "ValidationException" if size > 1_024 else self.missing(arn)
        if due is None and not self.model[arn].live:
            due = "ChannelNotBroadcasting"
        text = "x" * size
        self.call(due, "PutMetadata", channelArn=arn, metadata=text)
        if due is None:
            self.model[arn].cues.append(text)

    @rule(arn=channels, tags=TAGS, removed=st.lists(st.sampled_from("xyz"), max_size=2))
    def tag_channel(self, arn: str, tags: dict[str, str], removed: list[str]) -> None:
        """Added, replaced, removed."""
        due = self.missing(arn)
        self.call(due, "TagResource", resourceArn=arn, tags=tags)
        self.call(due, "UntagResource", resourceArn=arn, tagKeys=removed)
        if due is None:
            merged = {**self.model[arn].tags, **tags}
            self.model[arn].tags = {k: v for k, v in merged.items() if k not in removed}

    @rule(target=recordings)
    def create_recording(self) -> Any:
        """Up to the quota; it is CREATING for a while."""
        full = len(self.recording) >= QUOTAS.recording_configurations
        due = "ServiceQuotaExceededException" if full else None
        answer = self.call(due, "CreateRecordingConfiguration", destinationConfiguration=BUCKET)
        if answer is None:
            return multiple()
        arn: str = answer["recordingConfiguration"]["arn"]
        self.recording[arn] = {"made": str(self.ivs.clock.now)}
        return arn

    @rule(arn=consumes(recordings))
    def delete_recording(self, arn: str) -> Any:
        """Not while a channel uses it."""
        self.delete("DeleteRecordingConfiguration", arn, self.recording, "recording")

    @rule(target=policies, countries=st.lists(st.sampled_from(["DE", "JP"]), max_size=2))
    def create_policy(self, countries: list[str]) -> Any:
        """Up to the quota."""
        full = len(self.policy) >= QUOTAS.playback_restriction_policies
        due = "ServiceQuotaExceededException" if full else None
        answer = self.call(due, "CreatePlaybackRestrictionPolicy", allowedCountries=countries)
        if answer is None:
            return multiple()
        arn: str = answer["playbackRestrictionPolicy"]["arn"]
        self.policy[arn] = {"allowedCountries": countries}
        return arn

    @rule(arn=policies)
    def delete_policy(self, arn: str) -> None:
        """Not while a channel uses it."""
        self.delete("DeletePlaybackRestrictionPolicy", arn, self.policy, "policy")

    def delete(self, operation: str, arn: str, known: dict[str, Any], link: str) -> None:
        """Delete what channels may refer to."""
        due = None if arn in known else "ResourceNotFoundException"
        if due is None and any(getattr(each, link) == arn for each in self.model.values()):
            due = "ConflictException"
        self.call(due, operation, arn=arn)
        if due is None:
            del known[arn]

    @rule(target=pairs, number=st.integers(0, 3))
    def import_key(self, number: int) -> Any:
        """Each key once, three at most."""
        due = None
        if PUBLIC_KEYS[number] in self.pair.values():
            due = "ConflictException"
        elif len(self.pair) >= QUOTAS.playback_key_pairs:
            due = "ServiceQuotaExceededException"
        key = PUBLIC_KEYS[number]
        answer = self.call(due, "ImportPlaybackKeyPair", publicKeyMaterial=key)
        if answer is None:
            return multiple()
        arn: str = answer["keyPair"]["arn"]
        self.pair[arn] = key
        return arn

    @rule(arn=pairs)
    def delete_key(self, arn: str) -> None:
        """Once."""
        due = None if arn in self.pair else "ResourceNotFoundException"
        self.call(due, "DeletePlaybackKeyPair", arn=arn)
        self.pair.pop(arn, None)

    @rule(seconds=st.sampled_from([0.5, 5, 60, 86_400]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.ivs.clock.advance(seconds)

    @invariant()
    def channels_are_as_the_model_says(self) -> None:
        """Names, tags, links, keys, streams and cues."""
        if not hasattr(self, "ivs"):
            return
        listed = {item["arn"]: item for item in self.ivs("ListChannels")["channels"]}
        assert list(listed) == list(self.model)
        for arn, channel in self.model.items():
            found = self.ivs("GetChannel", arn=arn)["channel"]
            assert found.items() >= listed[arn].items()
            assert (found["name"], found["tags"]) == (channel.name, channel.tags)
            assert found["recordingConfigurationArn"] == channel.recording
            assert found["playbackRestrictionPolicyArn"] == channel.policy
            keys = self.ivs("ListStreamKeys", channelArn=arn)["streamKeys"]
            assert [key["arn"] for key in keys] == ([channel.key] if channel.key else [])
            assert [cue.text for cue in self.ivs.service.streams.cues(arn)] == channel.cues
        if arns := [*self.model, *self.gone][:50]:
            batch = self.ivs("BatchGetChannel", arns=arns)
            assert len(batch["channels"]) == len(self.model)
            assert len(batch["errors"]) == len(arns) - len(self.model)

    @invariant()
    def streams_are_as_the_model_says(self) -> None:
        """Who is live, and every session that was."""
        if not hasattr(self, "ivs"):
            return
        live = {arn for arn, channel in self.model.items() if channel.live}
        assert {item["channelArn"] for item in self.ivs("ListStreams")["streams"]} == live
        for arn, channel in {**self.model, **self.gone}.items():
            try:
                sessions = self.ivs("ListStreamSessions", channelArn=arn)["streamSessions"]
            except ApiError:
                assert arn in self.gone
                continue
            ids = [session["streamId"] for session in sessions]
            assert ids == channel.sessions[::-1][: len(ids)]
            assert [s for s in sessions if "endTime" not in s] == sessions[: int(channel.live)]

    @invariant()
    def configurations_are_as_the_model_says(self) -> None:
        """What exists, and which state it is in."""
        if not hasattr(self, "ivs"):
            return
        listed = self.ivs("ListRecordingConfigurations")["recordingConfigurations"]
        assert [item["arn"] for item in listed] == list(self.recording)
        for item in listed:
            made = float(self.recording[item["arn"]]["made"])
            assert item["state"] == ("ACTIVE" if self.ivs.clock.now - made >= 5 else "CREATING")
        policies = self.ivs("ListPlaybackRestrictionPolicies", maxResults=100)
        assert [
            (item["arn"], item["allowedCountries"])
            for item in policies["playbackRestrictionPolicies"]
        ] == [(arn, policy["allowedCountries"]) for arn, policy in self.policy.items()]
        pairs = self.ivs("ListPlaybackKeyPairs")["keyPairs"]
        assert [item["arn"] for item in pairs] == list(self.pair)

    @invariant()
    def events_belong_to_what_happened(self) -> None:
        """As many sessions begin as the model knows, and a stream starts only in a session."""
        if not hasattr(self, "ivs"):
            return
        happened = self.ivs.happened()
        sessions = sum(len(c.sessions) for c in [*self.model.values(), *self.gone.values()])
        live = sum(channel.live for channel in self.model.values())
        assert happened.count("Session Created") == happened.count("Stream Start") == sessions
        assert happened.count("Stream End") == sessions - live


TestIvs = Ivs.TestCase
TestIvs.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.soak
def test_the_model_holds_for_long() -> None:
    """The same, twenty-five times as much of it."""
    long = settings(
        max_examples=250,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Ivs, settings=long)


def plausible(value: Any, arns: list[str], draw: Any) -> Any:
    """Arguments that often name something that exists and often match their patterns."""
    match value:
        case dict():
            return {key: plausible(item, arns, draw) for key, item in value.items()}
        case list():
            return [plausible(item, arns, draw) for item in value]
        case str() if value.startswith("arn:aws:ivs:"):
            return draw(st.sampled_from([*arns, value]))
        case str() if draw(st.booleans()):
            # most members have patterns, which text of any kind rarely matches
            return re.sub("[^a-zA-Z0-9-]", "", value)
        case datetime():
            return value.isoformat()
    return value


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_call_breaks_the_service(data: st.DataObject) -> None:
    """Any operations in any order, with whatever the model lets a caller say: an error of the API
    or an answer that the model allows, and nothing else.
    """
    ivs = direct()
    arns = [ivs.live_channel(), ivs.channel()]
    for _ in range(data.draw(st.integers(1, 15))):
        operation = data.draw(st.sampled_from(sorted(SERVICE.operation_names)))
        shape = SERVICE.operation_model(operation).input_shape
        request = plausible(data.draw(arguments(shape)), arns, data.draw)
        answer, error = None, None
        try:
            answer = judged(operation, ivs(operation, **request))
        except ApiError as refusal:
            error = refusal
        if error is not None:
            body = json.dumps({"exceptionMessage": error.message, "message": error.message})
            headers = {**SECURITY_HEADERS, "x-amzn-ErrorType": error.code}
            assert not faults(operation, error.status, headers, body.encode())
        arns += re.findall(r'"arn": "(arn:aws:ivs:[^"]+)"', json.dumps(answer))
        ivs.clock.advance(data.draw(st.sampled_from([0, 1, 100])))
