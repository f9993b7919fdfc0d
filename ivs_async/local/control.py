"""What lies under ``/_local/``: everything that a stream or an operator does, over HTTP.

JSON in, JSON out, and server-sent events where something is followed. Each route is one method of
`LocalIvs`; this module owns only how it is spelled on the wire.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import anyio
import attrs
from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from ivs_async._aws.names import camel_case, snake_case

from .errors import LocalError, StreamRefused
from .feeds import Reader
from .seed import KINDS
from .store import Json
from .streams import NO_CHANNEL

if TYPE_CHECKING:
    from . import LocalIvs
    from .streams import Cue

T = TypeVar("T")

KEEP_ALIVE: Final = 15.0
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_NUMBER: Final = (int, float)
_TYPES: Final[Mapping[object, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    (int, type(None)): "integer or null",
    _NUMBER: "number",
    list: "array",
    dict: "object",
}
"""What JSON calls the types of members."""


@attrs.frozen
class Route:
    """One thing that can be asked.

    Attributes:
        run: What is done, given the members in their Python spelling.
        members: What may be said, and of which type.
        required: What must be said.
    """

    run: Callable[..., object]
    members: Mapping[str, type | tuple[type, ...]] = attrs.field(factory=dict)
    required: frozenset[str] = frozenset()

    def describe(self) -> Json:
        """Its members with what JSON calls their types."""
        return {
            name: _TYPES[kind] + (", required" if name in self.required else "")
            for name, kind in self.members.items()
        }


class Control:
    """Answers what lies under ``/_local/``.

    Args:
        local: What is controlled.
    """

    def __init__(self, local: LocalIvs) -> None:
        self._local = local
        channel: dict[str, type] = {"channelArn": str}
        named = frozenset(channel)
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", ""): Route(self._about),
            ("POST", "start-stream"): Route(
                self._start_stream,
                {
                    **channel,
                    "ingest": dict,
                    "viewers": int,
                    "starving": bool,
                    "failure": str,
                    "priority": int,
                    "streamKey": str,
                },
                named,
            ),
            ("POST", "stop-stream"): Route(local.stop_stream, channel, named),
            ("POST", "fail-stream"): Route(local.fail_stream, {**channel, "reason": str}, named),
            ("POST", "starve-stream"): Route(local.starve_stream, channel, named),
            ("POST", "recover-stream"): Route(local.recover_stream, channel, named),
            ("POST", "set-viewers"): Route(
                local.set_viewers, {**channel, "viewers": int}, named | {"viewers"}
            ),
            ("POST", "fail-recording"): Route(
                local.fail_recording, {**channel, "reason": str}, named
            ),
            ("POST", "set-bucket"): Route(
                local.set_bucket, {"name": str, "region": str}, frozenset({"name", "region"})
            ),
            ("GET", "cues"): Route(local.cues, channel, named),
            ("GET", "metadata"): Route(self._metadata, channel, named),
            ("GET", "events"): Route(self._events, channel),
            ("GET", "calls"): Route(self._calls, {"operation": str}),
            ("POST", "faults"): Route(
                self._fail,
                {
                    "operation": str,
                    **channel,
                    "error": str,
                    "status": int,
                    "message": str,
                    "headers": dict,
                    "body": str,
                    "delay": _NUMBER,
                    "reset": bool,
                    "cut": bool,
                    "html": bool,
                    "skew": _NUMBER,
                    "processed": bool,
                    "skip": int,
                    "every": int,
                    "times": (int, type(None)),
                },
            ),
            ("DELETE", "faults"): Route(local.clear_faults),
            ("POST", "set-latency"): Route(
                self._set_latency, {"low": _NUMBER, "high": _NUMBER}, frozenset({"low"})
            ),
            ("POST", "issue-credentials"): Route(
                self._issue, {"expiresIn": _NUMBER, "denied": list}
            ),
            ("POST", "expire-credentials"): Route(
                local.expire_credentials, {"accessKeyId": str}, frozenset({"accessKeyId"})
            ),
            ("POST", "deny"): Route(self._deny, {"operations": list}, frozenset({"operations"})),
            ("POST", "set-account-verified"): Route(
                local.set_account_verified, {"verified": bool}, frozenset({"verified"})
            ),
            ("POST", "load"): Route(self._load, {"data": dict, **dict.fromkeys(KINDS, list)}),
            ("POST", "reset"): Route(local.reset),
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        name = request.path.removeprefix("/_local/")
        if request.method != "GET" and not _from_here(request):
            return _answer({"error": "pages of other hosts may only read"}, 403)
        if request.method == "GET" and name == "events" and _wants_stream(request):
            return await _stream(request, self._local.follow_events(), "event", lambda e: e)
        route = self._routes.get((request.method, name))
        if route is None:
            return self._refuse(request.method, name)
        try:
            members = await _members(request)
            result = route.run(**_checked(members, route))
        except StreamRefused as refusal:
            body = {"error": str(refusal), "reason": refusal.reason}
            if refusal.stream_id is not None:
                body["streamId"] = refusal.stream_id
            return _answer(body, 404 if refusal.reason == NO_CHANNEL else 409)
        except LocalError as error:
            return _answer({"error": str(error)}, 400)
        if isinstance(result, Reader):
            return await _stream(request, result, "cue", _cue)
        return _answer(result)

    def _refuse(self, method: str, name: str) -> web.Response:
        """Tell a wrong verb from a wrong name, and what would be right."""
        text = f"there is no {method} /_local/{name}"
        methods = [verb for verb, known in self._routes if known == name]
        if methods:
            right = " and ".join(f"{verb} /_local/{name}" for verb in methods)
            refusal = _answer({"error": f"{text}; there is {right}"}, 405)
            refusal.headers["Allow"] = ", ".join(methods)
            return refusal
        near = get_close_matches(name, [known for _, known in self._routes], 1)
        hint = f"did you mean /_local/{near[0]}?" if near else "GET /_local/ lists what there is"
        return _answer({"error": f"{text}; {hint}"}, 404)

    def _about(self) -> Json:
        local = self._local
        return {
            "endpointUrl": local.endpoint_url,
            "region": local.region,
            "accountId": local.account_id,
            "routes": {
                f"{method} /_local/{name}": route.describe()
                for (method, name), route in self._routes.items()
            },
        }

    def _start_stream(self, **members: Any) -> Json:
        return {"streamId": self._local.start_stream(**members)}

    def _metadata(self, channel_arn: str) -> Json:
        return {"metadata": [_cue(cue) for cue in self._local.metadata(channel_arn)]}

    def _events(self, channel_arn: str | None = None) -> Json:
        return {"events": self._local.events(channel_arn)}

    def _calls(self, operation: str | None = None) -> Json:
        calls = self._local.calls(operation)
        return {"calls": [_camel(attrs.asdict(call)) for call in calls]}

    def _fail(self, **members: Any) -> None:
        body = members.pop("body", None)
        self._local.fail(**members, body=None if body is None else body.encode())

    def _set_latency(self, low: float, high: float | None = None) -> None:
        self._local.latency = low if high is None else (low, high)

    def _issue(self, expires_in: float = 3_600.0, denied: list[str] | None = None) -> Json:
        issued = self._local.issue_credentials(expires_in=expires_in, denied=denied or ())
        return {
            "accessKeyId": issued.access_key_id,
            "secretAccessKey": issued.secret_access_key,
            "sessionToken": issued.session_token,
            "expiration": issued.expires_at.isoformat() if issued.expires_at else None,
        }

    def _deny(self, operations: list[str]) -> None:
        self._local.deny(*operations)

    def _load(self, data: Json | None = None, **lists: list[Any]) -> Json:
        bare = {camel_case(name): items for name, items in lists.items()}
        return {"arns": self._local.load({**(data or {}), **bare})}


async def _members(request: web.BaseRequest) -> Json:
    if request.method != "POST":
        return dict(request.query)
    body = await request.read()
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        raise LocalError("the body is not JSON") from None
    if not isinstance(members, dict):
        raise LocalError("the body is not a JSON object")
    return members


def _checked(members: Json, route: Route) -> Json:
    """Members in their Python spelling, if they are what the route takes."""
    for name in sorted(route.required - members.keys()):
        raise LocalError(f"{name} is missing")
    for name, value in members.items():
        expected = route.members.get(name)
        if expected is None:
            known = ", ".join(route.members) or "none"
            raise LocalError(f"there is no member {name} here; there are: {known}")
        boolean_for_number = isinstance(value, bool) and expected is not bool
        if not isinstance(value, expected) or boolean_for_number:
            raise LocalError(f"{name} has the wrong type")
    return {snake_case(name): value for name, value in members.items()}


def _answer(document: object, status: int = 200) -> web.Response:
    body = json.dumps(document if document is not None else {}, ensure_ascii=False)
    return web.Response(
        status=status,
        body=body.encode(),
        headers={"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
    )


async def _stream(
    request: web.BaseRequest, reader: Reader[T], event: str, encode: Callable[[T], Json]
) -> web.StreamResponse:
    """Server-sent events until the reader of the feed or the browser goes away."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-cache",
            "Access-Control-Allow-Origin": "*",
        }
    )
    async with reader:
        try:
            await response.prepare(request)
            await response.write(b": following\n\n")
            while True:
                message = b": still here\n\n"
                with anyio.move_on_after(KEEP_ALIVE):
                    item = await anext(reader, None)
                    if item is None:
                        break
                    data = json.dumps(encode(item), ensure_ascii=False)
                    message = f"event: {event}\ndata: {data}\n\n".encode()
                await response.write(message)
        except (ConnectionError, ClientConnectionResetError):
            pass
    return response


def _cue(cue: Cue) -> Json:
    return {
        "channelArn": cue.channel_arn,
        "streamId": cue.stream_id,
        "metadata": cue.text,
        "time": cue.at.isoformat(),
        "offset": round(cue.offset, 3),
    }


def _camel(members: Json) -> Json:
    return {camel_case(name): value for name, value in members.items()}


def _wants_stream(request: web.BaseRequest) -> bool:
    return "text/event-stream" in request.headers.get("Accept", "")


def _from_here(request: web.BaseRequest) -> bool:
    """Whether no web page of another host is behind a request that changes something."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).hostname in LOOPBACK
