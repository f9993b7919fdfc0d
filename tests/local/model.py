"""botocore's model of IVS as a judge: whether an answer is one that the model allows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from botocore.awsrequest import HeadersDict
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser

SERVICE: Final[Any] = ServiceModel(Loader().load_service_model("ivs", "service-2"), "ivs")
ERRORS: Final = {shape.name: shape for shape in SERVICE.error_shapes}

_PARSER: Final[Any] = create_parser("rest-json")
_TYPES: Final[dict[str, type]] = {
    "string": str,
    "timestamp": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "list": list,
    "map": dict,
    "structure": dict,
}
# what the service is documented to answer although the model's own enum does not have it
_EMPTY_ALLOWED: Final = {"TranscodePreset"}
# written for engines that know Unicode classes, which re does not
_FOREIGN_PATTERN: Final = re.compile(r"\\p\{")
# matches no ARN at all
_BROKEN_PATTERNS: Final = {"ResourceArn"}


def faults(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
    """What is wrong with an answer, by the model and by botocore's parser."""
    model = SERVICE.operation_model(operation)
    raw = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    if status >= 300:
        return list(_error_faults(model, status, headers, body, raw))
    _PARSER.parse(raw, model.output_shape)
    if status != model.http["responseCode"]:
        return [f"status {status}, not {model.http['responseCode']}"]
    if status == 204:
        return ["a body with 204"] if body else []
    document = json.loads(body)
    if model.output_shape is None:
        return [] if document == {} else ["members in an empty answer"]
    return list(_faults(model.output_shape, document, "$"))


def _error_faults(
    model: Any, status: int, headers: Mapping[str, str], body: bytes, raw: dict[str, Any]
) -> Iterator[str]:
    code = headers.get("x-amzn-ErrorType")
    if code not in ERRORS:
        yield f"{code} is not an error of IVS"
        return
    shape = ERRORS[code]
    parsed = _PARSER.parse(raw, model.output_shape)
    if shape.metadata["error"]["httpStatusCode"] != status:
        yield f"{code} with status {status}"
    if not parsed["Error"]["Message"]:
        yield "botocore finds no text"
    if not json.loads(body).get("exceptionMessage"):
        yield "exceptionMessage is missing"
    modelled = {error.name for error in model.error_shapes}
    # throttles and policy denials come before any operation
    if code not in modelled | {"ThrottlingException", "AccessDeniedException"}:
        yield f"{model.name} does not model {code}"
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header" and (
            member.serialization["name"] not in headers
        ):
            yield f"header {name} is missing"


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    expected: Any = _TYPES[shape.type_name]
    if type(value) is not expected:
        yield f"{path} is no {shape.type_name}"
        return
    match shape.type_name:
        case "structure":
            yield from _structure_faults(shape, value, path)
        case "list":
            for index, item in enumerate(value):
                yield from _faults(shape.member, item, f"{path}[{index}]")
        case "map":
            for key, item in value.items():
                yield from _faults(shape.key, key, f"{path} key")
                yield from _faults(shape.value, item, f"{path}.{key}")
        case "timestamp":
            if datetime.fromisoformat(value).tzinfo is None:
                yield f"{path} has no time zone"
    yield from _constraint_faults(shape, value, path)


def _structure_faults(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, item in value.items():
        if name not in shape.members:
            yield f"{path}.{name} is unknown"
        else:
            yield from _faults(shape.members[name], item, f"{path}.{name}")


def _constraint_faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    size: int = value if shape.type_name in {"integer", "long", "boolean"} else len(value)
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"{path} is out of bounds"
    enum = shape.metadata.get("enum")
    if enum and value not in enum and not (value == "" and shape.name in _EMPTY_ALLOWED):
        yield f"{path} is not in the enum"
    pattern = shape.metadata.get("pattern")
    known = pattern and not _FOREIGN_PATTERN.search(pattern) and shape.name not in _BROKEN_PATTERNS
    if known and not re.fullmatch(pattern, value):
        yield f"{path} does not match the pattern"
