"""Clients that others wrote believe that the local IVS is IVS."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from anyio import to_thread
from botocore.config import Config
from botocore.exceptions import ClientError

from ivs_async.local import LocalIvs
from ivs_async.quotas import CallRate

from .helpers import PUBLIC_KEYS
from .model import ERRORS, SERVICE, faults
from .peers.story import Call, Pages, Report, judge, operator, story

HERE: Final = Path(__file__).parent

# the story meets its throttle at the one operation that is counted
RATES: Final = {"InsertAdBreak": CallRate(per_account=0.1)}


def boto3_client(local: LocalIvs) -> Any:
    """A client of boto3 that does not repeat what fails."""
    return boto3.client(
        "ivs",
        region_name=local.region,
        endpoint_url=local.endpoint_url,
        aws_access_key_id=local.credentials.access_key_id,
        aws_secret_access_key=local.credentials.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def take(client: Any, step: Call | Pages, report: Report) -> Any:
    """Make one call of the story with boto3, or read one list."""
    if isinstance(step, Pages):
        report.paginated.add(step.operation)
        return list(client.get_paginator(step.operation).paginate(**step.members))
    report.called.add(client.meta.method_to_api_mapping[step.operation])
    error = answer = None
    try:
        answer = getattr(client, step.operation)(**step.members)
    except ClientError as refusal:
        error = refusal
    judge(step, error, client.exceptions, report)
    return answer


def tell_boto3(local: LocalIvs) -> tuple[Report, list[str]]:
    """The whole story with boto3, and what the model finds wrong with the answers."""
    client = boto3_client(local)
    report = Report()
    wrong: list[str] = []

    def judge(operation_model: Any, response_dict: Mapping[str, Any], **_: object) -> None:
        name = operation_model.name
        found = faults(
            name, response_dict["status_code"], response_dict["headers"], response_dict["body"]
        )
        wrong.extend(f"{name}: {fault}" for fault in found)

    client.meta.events.register("before-parse.ivs", judge)
    steps = story(operator(local.endpoint_url), lambda name: hasattr(client, name), PUBLIC_KEYS[0])
    try:
        step = next(steps)
        while True:
            step = steps.send(take(client, step, report))
    except StopIteration:
        pass
    client.close()
    return report, wrong


async def test_boto3_calls_everything_and_meets_every_error() -> None:
    """All operations, every paginator and every error class of the newest boto3; botocore's parser
    takes every answer, and every answer is one that the model allows.
    """
    async with LocalIvs(call_rates=RATES) as local:
        report, wrong = await to_thread.run_sync(tell_boto3, local)
        codes = {call.code for call in local.calls()}
    assert wrong == []
    assert report.called == set(SERVICE.operation_names)
    assert report.errors == set(ERRORS)
    assert report.paginated == {
        "list_ad_configurations",
        "list_channels",
        "list_playback_key_pairs",
        "list_recording_configurations",
        "list_stream_keys",
        "list_streams",
    }
    assert "InternalFailure" not in codes


async def run(local: LocalIvs, *command: str, **variables: str) -> str:
    """What a program prints that is pointed to a local IVS by its environment."""
    environment = {
        **os.environ,
        **local.environment(),
        **variables,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    environment.pop("PYTHONPATH", None)

    def call() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=environment,
            cwd=HERE,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    finished = await to_thread.run_sync(call)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture
def peers() -> Path:
    """The scripts of a virtual environment that has aiobotocore and awscli."""
    folder = os.environ.get("IVS_ASYNC_PEERS")
    if not folder:
        pytest.skip("IVS_ASYNC_PEERS names no virtual environment with aiobotocore and awscli")
    return Path(folder) / "bin"


@pytest.mark.soak
async def test_aiobotocore_calls_everything_and_meets_every_error(peers: Path) -> None:
    """All operations, paginators and error classes that its older botocore knows."""
    async with LocalIvs(call_rates=RATES) as local:
        command = (str(peers / "python"), "-m", "peers.drive_aiobotocore")
        told = await run(local, *command, PUBLIC_KEY=PUBLIC_KEYS[0])
    report = json.loads(told)
    assert len(report["called"]) >= 41
    assert len(report["errors"]) >= 11


@pytest.mark.soak
async def test_the_aws_cli_tells_a_story(peers: Path) -> None:
    """Create, list, tag, go live, send a cue, read the session, stop, delete."""
    async with LocalIvs(rates=None) as local:

        async def aws(*arguments: str) -> Any:
            command = (str(peers / "aws"), "ivs", *arguments, "--output", "json")
            printed = await run(local, *command)
            return json.loads(printed) if printed.strip() else None

        created = await aws("create-channel", "--name", "demo", "--tags", "a=b")
        arn = created["channel"]["arn"]
        for number in range(3):
            await aws("create-channel", "--name", f"other-{number}")
        listed = await aws("list-channels", "--page-size", "2")
        assert len(listed["channels"]) == 4
        await aws("tag-resource", "--resource-arn", arn, "--tags", "team=red")
        tags = await aws("list-tags-for-resource", "--resource-arn", arn)
        assert tags["tags"] == {"a": "b", "team": "red"}
        local.start_stream(arn, viewers=5)
        await aws("put-metadata", "--channel-arn", arn, "--metadata", "größe")
        assert [cue.text for cue in local.metadata(arn)] == ["größe"]
        stream = await aws("get-stream", "--channel-arn", arn)
        assert stream["stream"]["viewerCount"] == 5
        await aws("stop-stream", "--channel-arn", arn)
        with pytest.raises(AssertionError, match="ChannelNotBroadcasting"):
            await aws("get-stream", "--channel-arn", arn)
        await aws("delete-channel", "--arn", arn)


@pytest.mark.soak
async def test_the_javascript_sdk_tells_a_story() -> None:
    """Channels, lists, metadata, tags and errors with the AWS SDK on node."""
    folder = os.environ.get("IVS_ASYNC_NODE_MODULES")
    if not folder:
        pytest.skip("IVS_ASYNC_NODE_MODULES names no folder with @aws-sdk/client-ivs installed")
    async with LocalIvs(rates=None) as local:
        told = await run(local, "node", "peers/drive_node.mjs")
    assert set(json.loads(told)["errors"]) == {
        "AccessDeniedException",
        "ChannelNotBroadcasting",
        "ConflictException",
        "ResourceNotFoundException",
        "ServiceQuotaExceededException",
        "ThrottlingException",
        "ValidationException",
    }
