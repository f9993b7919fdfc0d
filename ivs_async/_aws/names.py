"""The two spellings of a name: `snake_case` in Python, `camelCase` on the wire."""

from __future__ import annotations

import re
from functools import cache

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def camel_case(name: str) -> str:
    """``recording_configuration_arn`` -> ``recordingConfigurationArn``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def snake_case(name: str) -> str:
    """``PutMetadata`` -> ``put_metadata``."""
    return _BOUNDARY.sub("_", name).lower()
