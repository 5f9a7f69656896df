"""What a person writes with python-gitlab: list the issues, open those that lack, label the old.

The calls are those of the library's documentation. Names, titles and settings come as JSON in
TASK; PAGE is the length of a page, where the library's own is not wanted.
"""

import json
import os
from datetime import UTC, datetime, timedelta

import gitlab

task = json.loads(os.environ["TASK"])
more = {"per_page": int(os.environ["PAGE"])} if os.environ.get("PAGE") else {}
gl = gitlab.Gitlab(os.environ["GITLAB_URL"], private_token=os.environ["GITLAB_TOKEN"])
project = gl.projects.get(task["project"])

if task["name"] == "triage":
    before = (datetime.now(UTC) - timedelta(days=task["quiet_days"])).isoformat()
    issues = project.issues.list(
        state="opened", labels=["SGG"], updated_before=before, iterator=True, **more
    )
    for issue in list(issues):
        if task["label"] not in issue.labels:
            issue.labels.append(task["label"])
            issue.save()
else:
    there = {issue.title for issue in project.issues.list(iterator=True, **more)}
    for title in task["titles"]:
        if title not in there:
            project.issues.create(
                {"title": title, "description": task["description"], "labels": task["labels"]}
            )
