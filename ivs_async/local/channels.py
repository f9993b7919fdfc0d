"""Channels and their stream keys."""

from __future__ import annotations

from typing import Any, Final

from .answers import batch, page, summaries
from .errors import ApiError
from .paging import Pager
from .rules import invalid
from .store import Handlers, Json, Resource, Store
from .streams import Streams

LINKS: Final = {
    "recordingConfigurationArn": "recording-configuration",
    "playbackRestrictionPolicyArn": "playback-restriction-policy",
    "adConfigurationArn": "ad-configuration",
    "failoverSlateConfigurationArn": "failover-slate-configuration",
}
"""Members by which a channel refers to another resource, and the kind of that resource."""

DEFAULTS: Final[Json] = {
    "name": "",
    "latencyMode": "LOW",
    "type": "STANDARD",
    "authorized": False,
    "insecureIngest": False,
    "preset": "",
    "containerFormat": "TS",
    "multitrackInputConfiguration": {"enabled": False},
    **dict.fromkeys(LINKS, ""),
}

SUMMARY: Final = (
    "arn",
    "name",
    "latencyMode",
    "authorized",
    "recordingConfigurationArn",
    "tags",
    "insecureIngest",
    "type",
    "preset",
    "playbackRestrictionPolicyArn",
    "adConfigurationArn",
    "failoverSlateConfigurationArn",
)

FILTERS: Final = {
    "filterByName": "name",
    "filterByRecordingConfigurationArn": "recordingConfigurationArn",
    "filterByPlaybackRestrictionPolicyArn": "playbackRestrictionPolicyArn",
    "filterByAdConfigurationArn": "adConfigurationArn",
    "filterByFailoverSlateConfigurationArn": "failoverSlateConfigurationArn",
}


class Channels:
    """CreateChannel and its like, and the stream keys that hang on channels."""

    def __init__(self, store: Store, pager: Pager, streams: Streams) -> None:
        self._store = store
        self._pager = pager
        self._streams = streams
        self.handlers: Handlers = {
            "CreateChannel": self._create_channel,
            "GetChannel": self._get_channel,
            "BatchGetChannel": self._batch_get_channel,
            "ListChannels": self._list_channels,
            "UpdateChannel": self._update_channel,
            "DeleteChannel": self._delete_channel,
            "CreateStreamKey": self._create_stream_key,
            "GetStreamKey": self._get_stream_key,
            "BatchGetStreamKey": self._batch_get_stream_key,
            "ListStreamKeys": self._list_stream_keys,
            "DeleteStreamKey": self._delete_stream_key,
        }

    def _create_channel(self, request: Json) -> Json:
        settings = self._settings("CreateChannel", DEFAULTS, request)
        store = self._store
        channel_id = store.resource_id()
        passphrase = "" if settings["insecureIngest"] else store.id(70)
        channel = store.add(
            "channel",
            {
                **settings,
                "ingestEndpoint": f"{store.prefix}.global-contribute.live-video.net",
                "playbackUrl": (
                    f"https://{store.prefix}.{store.region}.playback.live-video.net/api/video/v1/"
                    f"{store.region}.{store.account_id}.channel.{channel_id}.m3u8"
                ),
                "srt": {
                    "endpoint": f"{store.prefix}.srt.live-video.net",
                    "passphrase": passphrase,
                },
                "tags": request.get("tags", {}),
            },
            limit=store.limits.channels,
            id=channel_id,
        )
        return {"channel": channel.body, "streamKey": self._add_key(channel, {}).body}

    def _get_channel(self, request: Json) -> Json:
        return {"channel": self._store.get("channel", request["arn"]).body}

    def _batch_get_channel(self, request: Json) -> Json:
        return batch(self._store, "channel", "channels", request["arns"])

    def _list_channels(self, request: Json) -> Json:
        filters = {FILTERS[name]: value for name, value in request.items() if name in FILTERS}
        if len(filters) > 1:
            raise ApiError(
                "ConflictException",
                "Filters are mutually exclusive: "
                + ", ".join(name for name in FILTERS if name in request),
            )
        after = self._pager.after("ListChannels", request)
        channels = (
            channel
            for channel in self._store.all("channel", after)
            if all(channel.body[name] == value for name, value in filters.items())
        )
        return page(self._pager, "ListChannels", "channels", request, summaries(channels, SUMMARY))

    def _update_channel(self, request: Json) -> Json:
        channel = self._store.get("channel", request["arn"])
        if self._streams.current(channel.arn):
            raise ApiError(
                "ConflictException",
                f"Channel: {channel.arn} is live and cannot be updated; stop its stream first",
            )
        before = channel.body
        settings = self._settings(
            "UpdateChannel", {name: before[name] for name in DEFAULTS}, request
        )
        if settings["insecureIngest"] != before["insecureIngest"]:
            passphrase = "" if settings["insecureIngest"] else self._store.id(70)
            settings["srt"] = {**before["srt"], "passphrase": passphrase}
        return {"channel": channel.set(**settings)}

    def _delete_channel(self, request: Json) -> None:
        channel = self._store.get("channel", request["arn"])
        if self._streams.current(channel.arn):
            raise ApiError(
                "ConflictException",
                f"Channel: {channel.arn} is live and cannot be deleted; stop its stream and wait "
                "for its end first",
            )
        for key in self._keys(channel.arn):
            self._store.remove(key)
        self._store.remove(channel)

    def _create_stream_key(self, request: Json) -> Json:
        channel = self._store.get("channel", request["channelArn"])
        limit = self._store.limits.stream_keys
        if len(self._keys(channel.arn)) >= limit:
            raise ApiError(
                "ServiceQuotaExceededException",
                f"The quota of {limit} for stream keys of channel {channel.arn} is reached",
            )
        return {"streamKey": self._add_key(channel, request.get("tags", {})).body}

    def _get_stream_key(self, request: Json) -> Json:
        return {"streamKey": self._store.get("stream-key", request["arn"]).body}

    def _batch_get_stream_key(self, request: Json) -> Json:
        return batch(self._store, "stream-key", "streamKeys", request["arns"])

    def _list_stream_keys(self, request: Json) -> Json:
        self._store.get("channel", request["channelArn"])
        after = self._pager.after("ListStreamKeys", request)
        keys = (
            key
            for key in self._store.all("stream-key", after)
            if key.body["channelArn"] == request["channelArn"]
        )
        return page(
            self._pager,
            "ListStreamKeys",
            "streamKeys",
            request,
            summaries(keys, ("arn", "channelArn", "tags")),
        )

    def _delete_stream_key(self, request: Json) -> None:
        key = self._store.get("stream-key", request["arn"])
        self._store.remove(key)

    def _keys(self, channel_arn: str) -> list[Resource]:
        return [
            key for key in self._store.all("stream-key") if key.body["channelArn"] == channel_arn
        ]

    def _add_key(self, channel: Resource, tags: dict[str, str]) -> Resource:
        store = self._store
        return store.add(
            "stream-key",
            {
                "value": f"sk_{store.region}_{channel.id}_{store.id(30)}",
                "channelArn": channel.arn,
                "tags": tags,
            },
            limit=store.limits.channels * store.limits.stream_keys,
        )

    def _settings(self, operation: str, before: Json, request: Json) -> Json:
        """What a channel is set to after a request, if its settings go together."""
        settings: Json = {name: request.get(name, value) for name, value in before.items()}
        for member, kind in LINKS.items():
            if request.get(member):
                self._store.get(kind, request[member])
        advanced = settings["type"].startswith("ADVANCED")
        if not advanced and request.get("preset"):
            raise invalid(f"{operation}.preset", "is only for channels of an ADVANCED type")
        if not advanced:
            settings["preset"] = ""
        elif not settings["preset"]:
            settings["preset"] = "HIGHER_BANDWIDTH_DELIVERY"
        self._check_multitrack(operation, settings)
        if settings["adConfigurationArn"] and settings["containerFormat"] != "TS":
            raise invalid(
                f"{operation}.containerFormat", "must be TS on a channel with an ad configuration"
            )
        return settings

    @staticmethod
    def _check_multitrack(operation: str, settings: Json) -> None:
        multitrack: dict[str, Any] = settings["multitrackInputConfiguration"]
        if not multitrack.setdefault("enabled", False):
            return
        path = f"{operation}.multitrackInputConfiguration"
        if settings["type"] != "STANDARD":
            raise invalid(f"{path}.enabled", "can be true only for channels of type STANDARD")
        for member in ("policy", "maximumResolution"):
            if member not in multitrack:
                raise invalid(f"{path}.{member}", "is required if enabled is true")
        if settings["containerFormat"] != "FRAGMENTED_MP4":
            raise invalid(
                f"{operation}.containerFormat", "must be FRAGMENTED_MP4 if multitrack is enabled"
            )
