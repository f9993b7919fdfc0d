"""What a type checker must see. Never run: mypy and pyright read it.

Each ``type: ignore`` marks a mistake that a checker must find; mypy refuses one that it has no
use for.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import assert_type

from ivs_async import (
    BatchGetChannelResponse,
    ChannelLatencyMode,
    ChannelSummary,
    CreateChannelResponse,
    Credentials,
    GetStreamResponse,
    IvsSession,
    ListTagsForResourceResponse,
    NoLimit,
    Page,
    RateLimiter,
    ServiceError,
    StreamFilters,
    StreamHealth,
    StreamSummary,
    ThrottlingException,
)


async def answers_have_their_types(ivs: IvsSession) -> None:
    """Main structures and identities are never optional."""
    created = await ivs.create_channel(name="demo", latency_mode="LOW")
    assert_type(created, CreateChannelResponse)
    assert_type(created.channel.arn, str)
    assert_type(created.stream_key.value, str)
    assert_type(created.channel.name, str | None)
    assert_type(created.channel.tags, dict[str, str] | None)
    live = await ivs.get_stream(channel_arn=created.channel.arn)
    assert_type(live, GetStreamResponse)
    assert_type(live.stream.start_time, datetime | None)
    assert_type(live.stream.health, StreamHealth | str | None)
    assert_type(await ivs.batch_get_channel(arns=["a"]), BatchGetChannelResponse)
    assert_type(await ivs.list_tags_for_resource(resource_arn="a"), ListTagsForResourceResponse)


async def nothing_is_none(ivs: IvsSession) -> None:
    """An operation that answers with nothing returns None, and None is no value."""
    done = await ivs.put_metadata(channel_arn="a", metadata="goal")  # type: ignore[func-returns-value]
    assert_type(done, None)


async def lists_know_their_items(ivs: IvsSession) -> None:
    """Items, pages and collected lists carry the summary's type."""
    async for channel in ivs.list_channels(filter_by_name="demo"):
        assert_type(channel, ChannelSummary)
    async for page in ivs.list_channels(max_results=50).pages():
        assert_type(page, Page[ChannelSummary])
        assert_type(page.next_token, str | None)
    streams = ivs.list_streams(filter_by=StreamFilters(health=StreamHealth.HEALTHY))
    assert_type(await streams.collect(), list[StreamSummary])


async def enums_and_strings_are_both_welcome(ivs: IvsSession) -> None:
    """What the API takes as an enum may be given as its text."""
    await ivs.create_channel(latency_mode=ChannelLatencyMode.LOW, tags={"team": "live"})
    await ivs.update_channel(arn="a", latency_mode="NORMAL", recording_configuration_arn="")


async def mistakes_are_found(ivs: IvsSession) -> None:
    """Positional, missing, misspelled and mistyped arguments are errors before anything runs."""
    await ivs.get_channel("a")  # type: ignore[call-arg]
    await ivs.get_channel()  # type: ignore[call-arg]
    await ivs.get_channel(channel_arn="a")  # type: ignore[call-arg]
    await ivs.put_metadata(channel_arn="a", metadata=b"goal")  # type: ignore[arg-type]
    await ivs.batch_get_channel(arns="a", arn="b")  # type: ignore[call-arg]
    await ivs.list_channels()  # type: ignore[misc]
    for _ in ivs.list_channels():  # type: ignore[attr-defined]
        pass


def errors_have_their_facts(error: ServiceError, throttle: ThrottlingException) -> None:
    """What a handler needs is on the error, typed."""
    assert_type(error.code, str)
    assert_type(error.status, int)
    assert_type(error.request_id, str | None)
    assert_type(throttle.attempts, int)


def fetch() -> Credentials:
    """A provider of credentials may be a plain function."""
    return Credentials("AKIA", "secret", expires_at=datetime.now(UTC))


def fetch_later() -> Awaitable[Credentials]:
    """A provider of credentials may be asynchronous."""
    raise NotImplementedError


def sessions_take_what_the_contract_says() -> None:
    """Every way to say where credentials come from and how calls are paced."""
    IvsSession(region="us-west-2", credentials=Credentials("AKIA", "secret", "token"))
    IvsSession(credentials=fetch, rate_limiter=RateLimiter(share=0.5))
    IvsSession(credentials=fetch_later, rate_limiter=NoLimit(), timeout=5, attempt_timeout=2.5)
    IvsSession("us-west-2")  # type: ignore[call-arg]
    IvsSession().with_options(timeout=5, max_attempts=1, retry_lost_answers=True)
