"""Tells the story to aiobotocore. Run with a Python that has it, on a local IVS's environment.

The environment names endpoint, region and keys as ``python -m ivs_async.local`` prints them, and
``PUBLIC_KEY`` holds a PEM. Prints what was called, paginated and met, as JSON.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError

from .story import Call, Pages, Report, judge, operator, story


async def main() -> None:
    """Drive it."""
    report = Report()
    config = AioConfig(retries={"total_max_attempts": 1})
    endpoint_url = os.environ["AWS_ENDPOINT_URL_IVS"]
    async with get_session().create_client(
        "ivs", config=config, endpoint_url=endpoint_url
    ) as client:
        steps = story(
            operator(endpoint_url), lambda name: hasattr(client, name), os.environ["PUBLIC_KEY"]
        )
        step = next(steps)
        while True:
            answer = await take(client, step, report)
            try:
                step = steps.send(answer)
            except StopIteration:
                break
        names = client.meta.service_model.operation_names
        lists = {name for name in client.meta.method_to_api_mapping if client.can_paginate(name)}
        errors = {shape.name for shape in client.meta.service_model.error_shapes}
    assert report.called == set(names), set(names) ^ report.called
    assert report.paginated >= lists, lists - report.paginated
    assert report.errors == errors, errors ^ report.errors
    print(report.dump())  # noqa: T201


async def take(client: Any, step: Call | Pages, report: Report) -> Any:
    """Make one call of the story, or read one list."""
    if isinstance(step, Pages):
        report.paginated.add(step.operation)
        return [
            page async for page in client.get_paginator(step.operation).paginate(**step.members)
        ]
    report.called.add(client.meta.method_to_api_mapping[step.operation])
    error = answer = None
    try:
        answer = await getattr(client, step.operation)(**step.members)
    except ClientError as refusal:
        error = refusal
    judge(step, error, client.exceptions, report)
    return answer


if __name__ == "__main__":
    asyncio.run(main())
