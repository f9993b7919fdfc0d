"""Tags of every resource that takes them, which is all that have an ARN."""

from __future__ import annotations

from .rules import invalid
from .store import Handlers, Json, Store


class Tags:
    """TagResource and its like."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.handlers: Handlers = {
            "ListTagsForResource": self._list_tags_for_resource,
            "TagResource": self._tag_resource,
            "UntagResource": self._untag_resource,
        }

    def _list_tags_for_resource(self, request: Json) -> Json:
        return {"tags": self._store.find(request["resourceArn"]).body["tags"]}

    def _tag_resource(self, request: Json) -> Json:
        resource = self._store.find(request["resourceArn"])
        tags = {**resource.body["tags"], **request["tags"]}
        if len(tags) > self._store.limits.tags:
            raise invalid("TagResource.tags", f"would make more than {self._store.limits.tags}")
        resource.set(tags=tags)
        return {}

    def _untag_resource(self, request: Json) -> Json:
        resource = self._store.find(request["resourceArn"])
        tags = resource.body["tags"].items()
        resource.set(tags={key: value for key, value in tags if key not in request["tagKeys"]})
        return {}
