"""Recording, ad and failover slate configurations: what channels refer to, and their states."""

from __future__ import annotations

from typing import Final

from .answers import page, summaries
from .errors import ApiError
from .paging import Pager
from .rules import invalid
from .store import Handlers, Json, Resource, Store

RECORDING: Final = "recording-configuration"
AD: Final = "ad-configuration"
SLATE: Final = "failover-slate-configuration"

SLATE_DEFAULTS: Final[Json] = {
    "name": "",
    "activationThresholdSeconds": 3,
    "minSlateDisplaySeconds": 3,
    "maxSlateDisplaySeconds": 60,
}


class RecordingConfigurations:
    """CreateRecordingConfiguration and its like."""

    def __init__(self, store: Store, pager: Pager) -> None:
        self._store = store
        self._pager = pager
        self.handlers: Handlers = {
            "CreateRecordingConfiguration": self._create_recording_configuration,
            "GetRecordingConfiguration": self._get_recording_configuration,
            "ListRecordingConfigurations": self._list_recording_configurations,
            "DeleteRecordingConfiguration": self._delete_recording_configuration,
        }

    def _create_recording_configuration(self, request: Json) -> Json:
        store = self._store
        s3 = request["destinationConfiguration"].get("s3")
        path = "CreateRecordingConfiguration.destinationConfiguration.s3"
        if s3 is None:
            raise invalid(path, "is a required attribute")
        # the documented quirk: only us-east-1 takes a bucket of another region, and fails later
        elsewhere = store.buckets.get(s3["bucketName"], store.region) != store.region
        if elsewhere and store.region != "us-east-1":
            raise invalid(f"{path}.bucketName", f"must name a bucket in {store.region}")
        configuration = store.add(
            RECORDING,
            {
                "name": request.get("name", ""),
                "destinationConfiguration": {"s3": s3},
                "state": "CREATING",
                "tags": request.get("tags", {}),
                "thumbnailConfiguration": _thumbnails(request.get("thumbnailConfiguration", {})),
                "recordingReconnectWindowSeconds": request.get(
                    "recordingReconnectWindowSeconds", 0
                ),
                "renditionConfiguration": _renditions(request.get("renditionConfiguration", {})),
            },
            limit=store.limits.recording_configurations,
        )
        answer = configuration.body
        state = "CREATE_FAILED" if elsewhere else "ACTIVE"
        store.later(
            store.delays.recording_configuration,
            lambda: configuration.set(state=state),
        )
        return {"recordingConfiguration": answer}

    def _get_recording_configuration(self, request: Json) -> Json:
        return {"recordingConfiguration": self._store.get(RECORDING, request["arn"]).body}

    def _list_recording_configurations(self, request: Json) -> Json:
        operation = "ListRecordingConfigurations"
        found = self._store.all(RECORDING, self._pager.after(operation, request))
        members = ("arn", "name", "destinationConfiguration", "state", "tags")
        items = summaries(found, members)
        return page(self._pager, operation, "recordingConfigurations", request, items)

    def _delete_recording_configuration(self, request: Json) -> None:
        delete_unused(self._store, RECORDING, request["arn"], "recordingConfigurationArn")


class AdConfigurations:
    """CreateAdConfiguration and its like."""

    def __init__(self, store: Store, pager: Pager) -> None:
        self._store = store
        self._pager = pager
        self.handlers: Handlers = {
            "CreateAdConfiguration": self._create_ad_configuration,
            "GetAdConfiguration": self._get_ad_configuration,
            "ListAdConfigurations": self._list_ad_configurations,
            "UpdateAdConfiguration": self._update_ad_configuration,
            "DeleteAdConfiguration": self._delete_ad_configuration,
        }

    def _create_ad_configuration(self, request: Json) -> Json:
        configuration = self._store.add(
            AD,
            {
                "name": request.get("name", ""),
                "mediaTailorPlaybackConfigurations": request["mediaTailorPlaybackConfigurations"],
                "postRollConfiguration": request.get(
                    "postRollConfiguration", {"enabled": False, "durationSeconds": 15}
                ),
                "tags": request.get("tags", {}),
            },
            limit=self._store.limits.ad_configurations,
        )
        return {"adConfiguration": configuration.body}

    def _get_ad_configuration(self, request: Json) -> Json:
        return {"adConfiguration": self._store.get(AD, request["arn"]).body}

    def _list_ad_configurations(self, request: Json) -> Json:
        operation = "ListAdConfigurations"
        found = self._store.all(AD, self._pager.after(operation, request))
        members = (
            "arn",
            "name",
            "mediaTailorPlaybackConfigurations",
            "postRollConfiguration",
            "tags",
        )
        items = summaries(found, members)
        return page(self._pager, operation, "adConfigurations", request, items)

    def _update_ad_configuration(self, request: Json) -> Json:
        configuration = self._store.get(AD, request["arn"])
        return {"adConfiguration": configuration.set(**request)}

    def _delete_ad_configuration(self, request: Json) -> None:
        delete_unused(self._store, AD, request["arn"], "adConfigurationArn")


class FailoverSlateConfigurations:
    """CreateFailoverSlateConfiguration and its like."""

    def __init__(self, store: Store, pager: Pager) -> None:
        self._store = store
        self._pager = pager
        self.handlers: Handlers = {
            "CreateFailoverSlateConfiguration": self._create_failover_slate_configuration,
            "GetFailoverSlateConfiguration": self._get_failover_slate_configuration,
            "ListFailoverSlateConfigurations": self._list_failover_slate_configurations,
            "UpdateFailoverSlateConfiguration": self._update_failover_slate_configuration,
            "DeleteFailoverSlateConfiguration": self._delete_failover_slate_configuration,
        }

    def _create_failover_slate_configuration(self, request: Json) -> Json:
        settings = {**SLATE_DEFAULTS, **request}
        configuration = self._store.add(
            SLATE,
            {**settings, "state": "CREATING", "tags": request.get("tags", {})},
            limit=self._store.limits.failover_slate_configurations,
        )
        return self._settle(configuration)

    def _get_failover_slate_configuration(self, request: Json) -> Json:
        return {"failoverSlateConfiguration": self._store.get(SLATE, request["arn"]).body}

    def _list_failover_slate_configurations(self, request: Json) -> Json:
        operation = "ListFailoverSlateConfigurations"
        found = self._store.all(SLATE, self._pager.after(operation, request))
        items = summaries(found, ("arn", *SLATE_DEFAULTS, "state", "tags"))
        return page(self._pager, operation, "failoverSlateConfigurations", request, items)

    def _update_failover_slate_configuration(self, request: Json) -> Json:
        configuration = self._store.get(SLATE, request["arn"])
        if configuration.body["state"] != "CREATED":
            raise ApiError(
                "ConflictException",
                f"{configuration.arn} is {configuration.body['state']}; wait until it is CREATED",
            )
        configuration.set(**request, state="UPDATING")
        return self._settle(configuration)

    def _delete_failover_slate_configuration(self, request: Json) -> None:
        delete_unused(self._store, SLATE, request["arn"], "failoverSlateConfigurationArn")

    def _settle(self, configuration: Resource) -> Json:
        answer = configuration.body
        self._store.later(
            self._store.delays.failover_slate_configuration,
            lambda: configuration.set(state="CREATED"),
        )
        return {"failoverSlateConfiguration": answer}


def delete_unused(store: Store, kind: str, arn: str, link: str) -> None:
    """Take a resource out to which no channel refers.

    Raises:
        ApiError: There is none, or channels refer to it.
    """
    resource = store.get(kind, arn)
    users = sum(1 for channel in store.all("channel") if channel.body[link] == arn)
    if users:
        raise ApiError(
            "ConflictException",
            f"{arn} is in use by {users} channels; set their {link} to an empty string first",
        )
    store.remove(resource)


def _thumbnails(given: Json) -> Json:
    settings = {"recordingMode": "INTERVAL", "storage": ["SEQUENTIAL"], **given}
    if settings["recordingMode"] == "INTERVAL":
        settings.setdefault("targetIntervalSeconds", 60)
    elif "targetIntervalSeconds" in given:
        raise invalid(
            "CreateRecordingConfiguration.thumbnailConfiguration.targetIntervalSeconds",
            "is only for recordingMode INTERVAL",
        )
    return settings


def _renditions(given: Json) -> Json:
    settings = {"renditionSelection": "ALL", "renditions": [], **given}
    if settings["renditionSelection"] == "CUSTOM" and not settings["renditions"]:
        raise invalid(
            "CreateRecordingConfiguration.renditionConfiguration.renditions",
            "is required if renditionSelection is CUSTOM",
        )
    return settings
