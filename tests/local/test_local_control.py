"""Everything that a stream or an operator does can be done over HTTP."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from ivs_async.local import LocalIvs

from .helpers import MEDIA_TAILOR, UNKNOWN, Answer, name_of, send, until

JSON_TYPE = {"Content-Type": "application/json"}


async def do(local: LocalIvs, route: str, /, **members: Any) -> Answer:
    """One request under ``/_local/`` that changes something."""
    return await send(local, f"/_local/{route}", members, headers=JSON_TYPE)


async def read(local: LocalIvs, name: str) -> Any:
    """The document of one request under ``/_local/`` that changes nothing."""
    answer = await send(local, f"/_local/{name}", method="GET")
    assert answer.status == 200, answer.body
    return answer.document


async def channel(local: LocalIvs, **settings: Any) -> str:
    """The ARN of a new channel."""
    (arn,) = local.load({"channels": [settings]})["channels"]
    return arn


async def test_it_tells_what_it_is_and_what_can_be_asked(local: LocalIvs) -> None:
    """The root lists every route."""
    about = await read(local, "")
    assert about["endpointUrl"] == local.endpoint_url
    assert (about["region"], about["accountId"]) == (local.region, local.account_id)
    assert about["routes"]["GET /_local/cues"] == {"channelArn": "string, required"}
    assert about["routes"]["POST /_local/reset"] == {}
    faults = about["routes"]["POST /_local/faults"]
    assert (faults["error"], faults["times"]) == ("string", "integer or null")


async def test_a_stream_is_started_watched_and_stopped(local: LocalIvs) -> None:
    """The whole life of a stream, with what an encoder sends."""
    arn = await channel(local)
    ingest = {"videoConfigurations": [{"videoWidth": 1280, "videoHeight": 720}]}
    started = await do(local, "start-stream", channelArn=arn, viewers=3, ingest=ingest, priority=1)
    stream_id = started.document["streamId"]
    assert (await do(local, "set-viewers", channelArn=arn, viewers=9)).document == {}
    stream = (await send(local, "/GetStream", {"channelArn": arn})).document["stream"]
    assert (stream["streamId"], stream["viewerCount"]) == (stream_id, 9)
    for name in ("starve-stream", "recover-stream", "stop-stream"):
        assert (await do(local, name, channelArn=arn)).status == 200
    events = (await read(local, f"events?channelArn={arn}"))["events"]
    assert [name_of(event) for event in events] == [
        "Session Created",
        "Stream Start",
        "Starvation Start",
        "Starvation End",
        "Session Ended",
        "Stream End",
    ]


async def test_a_broadcaster_that_is_refused_is_told_why(local: LocalIvs) -> None:
    """409 with the reason, and the session if there was one; 404 without such a channel."""
    arn = await channel(local)
    failed = await do(local, "start-stream", channelArn=arn, failure="no capacity")
    assert failed.status == 409
    assert failed.document["reason"] == "Stream Failure"
    assert failed.document["streamId"].startswith("st-")
    for route in ("start-stream", "starve-stream"):
        missing = await do(local, route, channelArn=UNKNOWN)
        assert (missing.status, missing.document["reason"]) == (404, "no such channel")
        assert "streamId" not in missing.document
    assert (await do(local, "starve-stream", channelArn=arn)).status == 409


async def test_a_live_stream_can_fail_and_so_can_its_recording(local: LocalIvs) -> None:
    """Reasons are what the events say."""
    loaded = local.load(
        {
            "recordingConfigurations": [
                {"id": "rec", "destinationConfiguration": {"s3": {"bucketName": "bucket"}}}
            ]
        }
    )
    (recording,) = loaded["recordingConfigurations"]
    arn = await channel(local, recordingConfigurationArn=recording, live=True)
    await do(local, "fail-recording", channelArn=arn, reason="InternalServerException")
    await do(local, "fail-stream", channelArn=arn, reason="too much")
    details = [event["detail"] for event in local.events(arn)]
    assert details[3]["recording_status"] == "Recording End Failure"
    assert details[4] == details[4] | {"event_name": "Stream Failure", "reason": "too much"}
    again = await do(local, "fail-recording", channelArn=arn)
    assert again.status == 400
    await do(local, "set-bucket", name="bucket", region="eu-west-1")
    local.start_stream(arn)
    assert name_of(local.events(arn)[-1]) == "Recording Start Failure"


async def test_metadata_can_be_read(local: LocalIvs) -> None:
    """Every cue with its stream, its time and its place."""
    arn = await channel(local, live=True)
    await send(local, "/PutMetadata", {"channelArn": arn, "metadata": "größe"})
    (cue,) = (await read(local, f"metadata?channelArn={arn}"))["metadata"]
    assert cue["metadata"] == "größe"
    assert cue["channelArn"] == arn
    assert cue["streamId"].startswith("st-")
    assert cue["offset"] >= 0
    assert cue["time"].endswith("+00:00")


async def followed(local: LocalIvs, path: str, count: int, cause: Any) -> list[tuple[str, Any]]:
    """So many server-sent events of a path, after something was caused."""
    found: list[tuple[str, Any]] = []
    headers = {"Accept": "text/event-stream"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(local.endpoint_url + path, headers=headers) as response,
    ):
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert (await response.content.readuntil(b"\n\n")).startswith(b":")
        await cause()
        while len(found) < count:
            lines = (await response.content.readuntil(b"\n\n")).decode().splitlines()
            found.append((lines[0].removeprefix("event: "), json.loads(lines[1][len("data: ") :])))
    return found


async def test_cues_are_followed_as_server_sent_events(local: LocalIvs) -> None:
    """An overlay page sees each cue of its channel, line breaks and all."""
    arn = await channel(local, live=True)
    other = await channel(local, live=True)

    async def cause() -> None:
        for target, text in ((other, "other"), (arn, "one\ntwo"), (arn, "größe")):
            await send(local, "/PutMetadata", {"channelArn": target, "metadata": text})

    events = await followed(local, f"/_local/cues?channelArn={arn}", 2, cause)
    assert [(name, data["metadata"]) for name, data in events] == [
        ("cue", "one\ntwo"),
        ("cue", "größe"),
    ]


async def test_events_are_followed_as_server_sent_events(local: LocalIvs) -> None:
    """Whoever accepts a stream gets the EventBridge events as they happen."""
    arn = await channel(local)

    async def cause() -> None:
        local.start_stream(arn)

    events = await followed(local, "/_local/events", 2, cause)
    assert [name_of(data) for _, data in events] == ["Session Created", "Stream Start"]


async def test_closing_ends_whoever_follows() -> None:
    """Both over HTTP and in process, without waiting for them."""
    async with aiohttp.ClientSession() as session:
        async with LocalIvs(verify_signatures=False) as local:
            reader = local.cues(UNKNOWN)
            url = f"{local.endpoint_url}/_local/cues?channelArn={UNKNOWN}"
            response = await session.get(url)
            await response.content.readuntil(b"\n\n")
        assert await response.content.read() == b""
        response.close()
        assert [cue async for cue in reader] == []


async def test_a_follower_that_is_silent_hears_that_the_server_lives(
    local: LocalIvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments keep the connection from being taken for dead, and tell when the browser left."""
    monkeypatch.setattr("ivs_async.local.control.KEEP_ALIVE", 0.01)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{local.endpoint_url}/_local/cues?channelArn={UNKNOWN}") as response,
    ):
        await response.content.readuntil(b"\n\n")
        assert await response.content.readuntil(b"\n\n") == b": still here\n\n"
    feed = local._service.streams._feeds[UNKNOWN]
    await until(lambda: not feed._readers)


async def test_faults_are_set_and_cleared(local: LocalIvs) -> None:
    """The same failures as in process."""
    await do(local, "faults", operation="ListChannels", error="ServiceUnavailable", times=None)
    assert (await send(local, "/ListChannels", {})).status == 503
    await send(local, "/_local/faults", method="DELETE")
    assert (await send(local, "/ListChannels", {})).status == 200
    await do(local, "faults", operation="ListChannels", status=200, body="{")
    assert (await send(local, "/ListChannels", {})).body == b"{"
    calls = (await read(local, "calls?operation=ListChannels"))["calls"]
    assert [call["status"] for call in calls] == [503, 200, 200]
    assert calls[0]["requestId"]


async def test_latency_policies_and_credentials_are_set(local: LocalIvs) -> None:
    """What an operator of a test bench changes on the way."""
    await do(local, "set-latency", low=0.0, high=0.001)
    latencies = [local.latency]
    await do(local, "set-latency", low=0)
    assert [*latencies, local.latency] == [(0.0, 0.001), 0]
    issued = (await do(local, "issue-credentials", expiresIn=60, denied=["GetStream"])).document
    assert set(issued) == {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"}
    expired = await do(local, "expire-credentials", accessKeyId=issued["accessKeyId"])
    assert expired.status == 200
    await do(local, "deny", operations=["ListChannels"])
    assert (await send(local, "/ListChannels", {})).code == "AccessDeniedException"
    await do(local, "deny", operations=[])
    await do(local, "set-account-verified", verified=False)
    assert (await send(local, "/ListChannels", {})).code == "PendingVerification"


async def test_state_is_loaded_and_forgotten(local: LocalIvs) -> None:
    """A document in, and one call back to the beginning."""
    loaded = await do(local, "load", data={"channels": [{"name": "demo", "live": True}]})
    (arn,) = loaded.document["arns"]["channels"]
    bare = await do(local, "load", channels=[{}], failoverSlateConfigurations=[{}])
    assert set(bare.document["arns"]) == {"channels", "failoverSlateConfigurations"}
    assert (await send(local, "/GetStream", {"channelArn": arn})).status == 200
    assert (await do(local, "reset")).document == {}
    assert (await send(local, "/ListChannels", {})).document == {"channels": []}
    assert local.events() == []
    assert [call.operation for call in local.calls()] == ["ListChannels"]


@pytest.mark.parametrize(
    ("name", "members", "text"),
    [
        ("start-stream", {}, "channelArn is missing"),
        ("start-stream", {"channelArn": 5}, "channelArn has the wrong type"),
        ("set-viewers", {"channelArn": "x", "viewers": True}, "viewers has the wrong type"),
        ("stop-stream", {"channelArn": "x", "chanel": "x"}, "no member chanel here"),
        ("reset", {"now": True}, "there are: none"),
        ("load", {"data": {"chanels": []}}, "no such list"),
        ("load", {"data": {"channels": [{"name": "a b"}]}}, r"channels[0]: CreateChannel.name"),
        ("load", {"data": {"channels": [5]}}, "channels[0]"),
        ("load", {"chanels": []}, "there are: data, recordingConfigurations"),
        ("faults", {"operation": "list_chanels", "reset": True}, "did you mean list_channels?"),
        ("faults", {"operation": "ListChannels"}, "nothing says how the calls fail"),
        ("deny", {"operations": ["ListChanels"]}, "did you mean ListChannels?"),
        ("deny", {"operations": [["ListChannels"]]}, "named by a str, not by a list"),
    ],
)
async def test_what_cannot_be_done_is_said(
    local: LocalIvs, name: str, members: dict[str, Any], text: str
) -> None:
    """400 with the member's name."""
    answer = await do(local, name, **members)
    assert answer.status == 400
    assert text in answer.document["error"]


@pytest.mark.parametrize("body", [b"{", b"[]"])
async def test_what_is_no_json_object_is_refused(local: LocalIvs, body: bytes) -> None:
    """As everywhere."""
    assert (await send(local, "/_local/reset", body)).status == 400


async def test_what_is_no_route_is_not_found(local: LocalIvs) -> None:
    """Other names are 404, with the nearest; other verbs are 405, with the right ones."""
    nothing = await send(local, "/_local/nothing", method="GET")
    assert (nothing.status, "GET /_local/ lists" in nothing.document["error"]) == (404, True)
    near = await send(local, "/_local/startstream", {})
    assert (near.status, "/_local/start-stream?" in near.document["error"]) == (404, True)
    verb = await send(local, "/_local/start-stream", method="GET")
    assert (verb.status, verb.headers["Allow"]) == (405, "POST")
    assert verb.document["error"].endswith("there is POST /_local/start-stream")
    verbs = await send(local, "/_local/faults", method="GET")
    assert verbs.headers["Allow"] == "POST, DELETE"
    assert (await send(local, "/_local/cues", method="GET")).status == 400


async def test_pages_of_other_hosts_may_look_but_not_touch(local: LocalIvs) -> None:
    """A web page that a developer happens to visit cannot change the local IVS."""
    foreign = {**JSON_TYPE, "Origin": "https://example.com"}
    assert (await send(local, "/_local/reset", {}, headers=foreign)).status == 403
    near = {**JSON_TYPE, "Origin": "http://localhost:3000"}
    assert (await send(local, "/_local/reset", {}, headers=near)).status == 200
    assert (await send(local, "/_local/events", method="GET", headers=foreign)).status == 200


async def test_a_document_may_hold_every_kind_of_resource(local: LocalIvs) -> None:
    """Items refer to each other by the ids that they were given."""
    prefix = f"arn:aws:ivs:{local.region}:{local.account_id}"
    ads = {
        "id": "ads",
        "mediaTailorPlaybackConfigurations": [{"playbackConfigurationArn": MEDIA_TAILOR}],
    }
    arns = local.load(
        {
            "channels": [
                {
                    "id": "mine",
                    "adConfigurationArn": f"{prefix}:ad-configuration/ads",
                    "failoverSlateConfigurationArn": f"{prefix}:failover-slate-configuration/slate",
                    "playbackRestrictionPolicyArn": f"{prefix}:playback-restriction-policy/policy",
                    "live": True,
                    "viewers": 7,
                    "priority": 3,
                }
            ],
            "adConfigurations": [ads],
            "failoverSlateConfigurations": [{"id": "slate"}],
            "playbackRestrictionPolicies": [{"id": "policy"}],
        }
    )
    assert arns["channels"] == [f"{prefix}:channel/mine"]
    assert local.describe(arns["channels"][0])["adConfigurationArn"] == arns["adConfigurations"][0]
    with pytest.raises(Exception, match="does not exist"):
        local.describe(UNKNOWN)
