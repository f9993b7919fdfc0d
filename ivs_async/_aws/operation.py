"""What an operation is, as data: verb, path, members, answer, what may be repeated, what is cut.

A service's table is made of these; the pipeline reads them and knows no operation by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import attrs

from .names import camel_case, snake_case
from .shapes import Member

R = TypeVar("R")
T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: The page's items, possibly none although more pages follow.
        next_token: Where the next page begins (pass it as ``next_token=``), None on the last.
    """

    items: list[T]
    next_token: str | None = None


@attrs.frozen
class Batch:
    """How a call with any number of items is cut into calls that the service accepts.

    Attributes:
        member: The request member that is cut.
        size: Items per call.
        identity: Members that identify an item in request and answer; answers are merged in the
            order in which the items were asked for. A batch of plain strings names the answer's.
        answers: List members of the answer that are concatenated.
    """

    member: str
    size: int
    identity: Sequence[str]
    answers: Sequence[str]


@attrs.frozen(eq=False, kw_only=True, slots=False, repr=False)
class Operation(Generic[R]):
    """One API operation.

    Attributes:
        name: As in the API reference, such as ``PutMetadata``.
        output: The class of the answer; None where the API answers with nothing.
        members: Request members by their Python names.
        method: HTTP verb.
        path: With ``{member}`` where a path member goes; by default ``/<name>``.
        repeatable: Whether repeating the call after its answer was lost does no harm.
        check_with: The method that tells whether a call whose answer was lost was processed.
        done_if: Error code that, after a lost answer, says that the lost call did the work.
        resource: Member that names the resource for which the service counts calls.
        batch: How a call with many items is cut, None where it is not.
    """

    name: str
    output: type[R] | None = None
    members: Mapping[str, Member] = attrs.field(factory=dict)
    method: str = "POST"
    path: str = attrs.field(default=attrs.Factory(lambda self: f"/{self.name}", takes_self=True))
    repeatable: bool = False
    check_with: str | None = None
    done_if: str | None = None
    resource: str | None = None
    batch: Batch | None = None

    @cached_property
    def method_name(self) -> str:
        """The session's method, such as ``put_metadata``."""
        return snake_case(self.name)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Members without which a call is refused."""
        return tuple(name for name, member in self.members.items() if member.required)

    @cached_property
    def places(self) -> Mapping[str, tuple[str, str, Callable[[Any, str], Any]]]:
        """Where each member goes, what stands there for its name, and what encodes its value."""
        keys = {"body": '"{1}":', "path": "{{{0}}}", "query": "{1}"}
        return {
            name: (
                member.place,
                keys[member.place].format(name, camel_case(name)),
                member.shape.encode,
            )
            for name, member in self.members.items()
        }

    @cached_property
    def secret(self) -> tuple[str, ...]:
        """Members whose values no error text may carry."""
        return tuple(name for name, member in self.members.items() if member.secret)


@attrs.frozen(eq=False, kw_only=True, slots=False, repr=False)
class ListOperation(Operation[Page[T]], Generic[T]):
    """One API operation that answers in pages.

    Attributes:
        item: The class of the listed items.
        items: Member of the answer that holds them, as on the wire.
    """

    item: type[T]
    items: str
    repeatable: bool = True

    @cached_property
    def answer(self) -> type[attrs.AttrsInstance]:
        """A class of the answer's two members, for the codec."""
        return attrs.make_class(
            f"{self.name}Response",
            {
                snake_case(self.items): attrs.field(type=list[self.item]),  # type: ignore[name-defined]
                "next_token": attrs.field(type=str | None, default=None),  # type: ignore[arg-type]
            },
            slots=True,
        )
