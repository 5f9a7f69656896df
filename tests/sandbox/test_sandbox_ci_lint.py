"""CI Lint of the embedded GitLab. Sources: `lib/api/lint.rb`, GitLab's "CI/CD YAML syntax"."""

from __future__ import annotations

import pytest

GOOD = """
stages: [build, test]
.base: {image: alpine}
one: {stage: build, script: make}
two:
  extends: .base
  needs: [one, {job: other, optional: true}, {project: a/b, job: far}]
  script: [!reference [one, script], b]
  environment: {name: prod}
"""


def lint(space, content, **more):
    answer = space.member("developer").post(f"{space.path}/ci/lint", {"content": content, **more})
    assert answer.status_code == 200
    return answer.json()


def test_a_good_configuration_with_its_jobs(space):
    said = lint(space, GOOD, include_jobs=True)
    assert (said["valid"], said["errors"], said["warnings"]) == (True, [], [])
    assert said["merged_yaml"].startswith("---\nstages:\n- build\n- test\n")
    assert [job["name"] for job in said["jobs"]] == ["one", "two"]
    assert said["jobs"][0]["script"] == ["make"]
    assert said["jobs"][1]["environment"] == "prod"
    assert "jobs" not in lint(space, GOOD)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("a: [", "(<unknown>): "),
        ("a: \x00", "(<unknown>): "),
        ("just words", "Invalid configuration format"),
        (".hidden: {script: x}", "jobs config should contain at least one visible job"),
        ("a: word", "jobs:a config should be a hash"),
        ("a: {stage: test}", "jobs:a config should implement the script:, run:, or trigger:"),
        ("a: {script: x, skript: y}", "jobs:a config contains unknown keys: skript"),
        ("a: {script: x, stage: b}", "a job: chosen stage b does not exist; available stages are"),
        ("a: {script: x, needs: [b]}", "a job: undefined need: b"),
        ("a: {script: x, dependencies: [b]}", "a job: undefined dependency: b"),
        ("a: {extends: .b, script: x}", "a: unknown keys in `extends` (.b)"),
        ("a: {extends: [a], image: !reference x}", "jobs:a config should implement"),
    ],
)
def test_what_is_wrong(space, content, error):
    said = lint(space, content)
    assert said["valid"] is False
    assert said["errors"][0].startswith(error)


def test_what_is_included_is_not_looked_into(space):
    said = lint(space, "include: x.yml\na: {extends: .far}")
    assert said["valid"] is True
    assert "include" in said["warnings"][0]
    assert lint(space, "include: x.yml")["valid"] is True


def test_who_may_lint_and_that_the_repository_is_empty(space, root):
    reporter = space.member("reporter")
    assert reporter.post(f"{space.path}/ci/lint", {"content": "a"}).status_code == 403
    assert root.post(f"{space.path}/ci/lint", {}).json() == {"error": "content is missing"}
    assert root.get(f"{space.path}/ci/lint").json() == {"message": "404 Repository Not Found"}
