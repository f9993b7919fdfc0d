"""The two forms of answer that several operations share: batches and pages."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import ApiError
from .paging import Pager
from .rules import PAGE_SIZE
from .store import Json, Resource, Store


def batch(store: Store, kind: str, member: str, arns: list[str]) -> Json:
    """The answer of a batch: what was found, and an error for each ARN that was not."""
    found, errors = [], []
    for arn in arns:
        try:
            found.append(store.get(kind, arn).body)
        except ApiError as error:
            errors.append({"arn": arn, "code": error.code, "message": error.message})
    return {member: found, "errors": errors}


def page(
    pager: Pager, operation: str, member: str, request: Json, items: Iterable[tuple[int, Json]]
) -> Json:
    """The answer of a list: one page of positions and items and, if there are more, a token."""
    found, token = pager.page(operation, request, items, PAGE_SIZE.get(operation, 100))
    return {member: found} if token is None else {member: found, "nextToken": token}


def summaries(
    resources: Iterable[Resource], members: tuple[str, ...]
) -> Iterable[tuple[int, Json]]:
    """The position and the named members of each resource."""
    for resource in resources:
        body = resource.body
        yield resource.position, {name: body[name] for name in members if name in body}
