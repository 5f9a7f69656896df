"""What a person writes with glabflow: all pages at once, and then all writes at once.

As fast as the library goes, with no regard for GitLab's limits. What is wanted comes as JSON in
TASK.
"""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

glabflow: Any = import_module("glabflow")
task = json.loads(os.environ["TASK"])
place = f"/projects/{task['project']}/issues"


async def listed(gl: Any, **query: str) -> list[dict[str, Any]]:
    return [one async for page in gl.paginate(place, params=query) for one in json.loads(page)]


async def triage(gl: Any) -> None:
    before = (datetime.now(UTC) - timedelta(days=task["quiet_days"])).isoformat()
    issues = await listed(gl, state="opened", labels="SGG", updated_before=before)
    label = {"add_labels": task["label"]}
    old = [issue for issue in issues if task["label"] not in issue["labels"]]
    await asyncio.gather(*(gl.put(f"{place}/{one['iid']}", **label) for one in old))


async def opening(gl: Any) -> None:
    there = {issue["title"] for issue in await listed(gl)}
    text = {"description": task["description"], "labels": ",".join(task["labels"])}
    new = [title for title in task["titles"] if title not in there]
    await asyncio.gather(*(gl.post(place, title=title, **text) for title in new))


async def main() -> None:
    url, token = f"{os.environ['GITLAB_URL']}/api/v4", os.environ["GITLAB_TOKEN"]
    async with glabflow.Client(url, token=token) as gl:
        await (triage if task["name"] == "triage" else opening)(gl)


asyncio.run(main())
