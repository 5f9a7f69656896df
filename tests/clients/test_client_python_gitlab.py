"""python-gitlab's command `gitlab` and its library work against the embedded GitLab.

The package is one that Drumbeat needs anyway, so these tests always run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import gitlab
import pytest

SESSION = """
group create --name Support --path support
project create --name loops --namespace-id 2
project get --id support/loops
project list
project update --id 1 --description hello
project-issue create --project-id 1 --title First --labels a,b
project-issue list --project-id 1 --labels a
project-issue get --project-id 1 --iid 1
project-issue update --project-id 1 --iid 1 --state-event close
issue list --state closed
group-issue list --group-id 2
project-issue-note create --project-id 1 --issue-iid 1 --body hi
project-issue-note list --project-id 1 --issue-iid 1
project-issue unsubscribe --project-id 1 --iid 1
project-issue-resource-label-event list --project-id 1 --issue-iid 1
project-issue-resource-state-event list --project-id 1 --issue-iid 1
project-issue-discussion list --project-id 1 --issue-iid 1
project-issue-link list --project-id 1 --issue-iid 1
project-label create --project-id 1 --name bug --color #ff0000
project-label update --project-id 1 --name bug --new-name bugs
project-label subscribe --project-id 1 --name bugs
project-label list --project-id 1
project-label delete --project-id 1 --name bugs
group-label create --group-id 2 --name above --color red
group-label list --group-id 2
project-milestone create --project-id 1 --title m1
project-milestone update --project-id 1 --id 1 --state-event close
project-milestone list --project-id 1
project-board create --project-id 1 --name B
project-board-list create --project-id 1 --board-id 1 --label-id 1
project-board-list list --project-id 1 --board-id 1
user create --username ann --name Ann --email ann@example.com --password long-enough-1
user list --search ann
user block --id 2
user unblock --id 2
project-member create --project-id 1 --user-id 2 --access-level 30
project-member update --project-id 1 --id 2 --access-level 40
project-member-all list --project-id 1
project-member delete --project-id 1 --id 2
current-user get
project-variable create --project-id 1 --key A --value b
project-variable list --project-id 1
group-variable create --group-id 2 --key A --value b
project-pipeline-schedule create --project-id 1 --description d --ref main --cron @daily
project-pipeline-schedule take-ownership --project-id 1 --id 1
project-pipeline-schedule play --project-id 1 --id 1
project-pipeline-schedule-variable create --project-id 1 --pipeline-schedule-id 1 --key K --value V
project-pipeline-schedule list --project-id 1
project-access-token create --project-id 1 --name bot --scopes api
project-access-token list --project-id 1
personal-access-token list
namespace list
project-user list --project-id 1
project archive --id 1
project unarchive --id 1
project-issue delete --project-id 1 --iid 1
project delete --id 1
group delete --id 2
""".strip().splitlines()


ONE_AFTER_ANOTHER = """
import functools, json, sys
from gitlab import cli

cli._get_parser = functools.cache(cli._get_parser)
words = sys.argv[1:]
for line in sys.stdin:
    sys.argv = ["gitlab", *words, *json.loads(line)]
    try:
        cli.main()
    except SystemExit as end:
        if end.code:
            sys.exit(f"{line}{end.code}")
print("all went well")
"""
"""The command, call by call, in one process, where the parser of all its words is made once."""


@pytest.fixture
def base(url) -> list[str]:
    return ["--server-url", url, "--private-token", "root-token", "-o", "json"]


@pytest.fixture
def command(base, alone) -> Callable[..., Any]:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gitlab", *base, *words], env=alone, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.mark.slow
def test_a_session_at_the_command_line(base, alone):
    calls = [
        json.dumps([{"@daily": "0 1 * * *"}.get(word, word) for word in line.split()])
        for line in SESSION
    ]
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER, *base], env=alone, input="\n".join(calls),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("all went well\n")


def test_what_the_command_shows(command):
    command("group", "create", "--name", "Support", "--path", "support")
    command("project", "create", "--name", "loops", "--namespace-id", "2")
    shown = json.loads(command("project", "get", "--id", "support/loops").stdout)
    assert shown["path_with_namespace"] == "support/loops"
    missing = command("project", "get", "--id", "99")
    assert missing.returncode == 1
    assert "404 Project Not Found" in missing.stderr + missing.stdout


def test_a_session_of_the_library(url):
    api = gitlab.Gitlab(url, private_token="root-token")
    api.auth()
    assert api.version() == ("19.5.0-ee", "5a4d0b0c5e7")
    group = api.groups.create({"name": "Support", "path": "support"})
    project = api.projects.create({"name": "loops", "namespace_id": group.id})
    issue = project.issues.create({"title": "First", "labels": ["a"], "description": "- [ ] x"})
    issue.labels = ["a", "b"]
    issue.save()
    assert project.issues.get(1).labels == ["a", "b"]
    issue.notes.create({"body": "hello"})
    assert [note.body for note in issue.notes.list(activity_filter="only_comments")] == ["hello"]
    label = project.labels.create({"name": "bug", "color": "#ff0000"})
    label.new_name = "bugs"
    label.save()
    project.labels.get("bugs").promote()
    assert "bugs" in [one.name for one in group.labels.list(iterator=True)]
    project.labels.get("a").subscribe()
    assert project.labels.get("a").subscribed is True
    schedule = project.pipelineschedules.create(
        {"description": "d", "ref": "main", "cron": "0 1 * * *"}
    )
    schedule.variables.create({"key": "K", "value": "V"})
    assert project.pipelineschedules.get(schedule.id).attributes["variables"][0]["key"] == "K"
    assert project.ci_lint.validate({"content": "a: {script: x}"}) is None
    token = project.access_tokens.create({"name": "bot", "scopes": ["api"]})
    assert gitlab.Gitlab(url, private_token=token.token).projects.get(project.id).id == project.id
    assert api.http_list("/user/keys") == []
    keyed = api.projects.list(iterator=True, pagination="keyset", order_by="id")
    assert [one.id for one in keyed] == [project.id]
    project.delete()
    with pytest.raises(gitlab.GitlabGetError) as missing:
        api.projects.get(project.id)
    assert missing.value.response_code == 404
