"""A pipeline's configuration, looked at as far as that goes without running anything.

Checked: that it is YAML and a mapping; that there is a visible job; that a job has ``script``,
``run`` or ``trigger``, knows its keywords, has a stage that exists, needs, depends on and extends
jobs that exist. Not checked: the values of keywords, rules, variables, and what ``include``
brings, which is told as a warning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

_ROOT = {"default", "include", "image", "services", "before_script", "after_script", "variables",
         "stages", "types", "cache", "workflow", "spec", "pages"}  # fmt: skip
_JOB = {
    "after_script", "allow_failure", "artifacts", "before_script", "cache", "coverage",
    "dast_configuration", "dependencies", "environment", "except", "extends", "hooks",
    "id_tokens", "identity", "image", "inherit", "inputs", "interruptible", "manual_confirmation",
    "needs", "only", "pages", "parallel", "publish", "release", "resource_group", "retry",
    "rules", "run", "script", "secrets", "services", "stage", "start_in", "tags", "timeout",
    "trigger", "type", "variables", "when",
}  # fmt: skip
_STAGES = ("build", "test", "deploy")
_INCLUDED = "The embedded GitLab does not look into what `include` names"


class _Loader(yaml.SafeLoader):
    """YAML with GitLab's own ``!reference``."""


def _reference(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else node.value


_Loader.add_constructor("!reference", _reference)


@dataclass(frozen=True)
class Verdict:
    """What was found; valid means no errors."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    merged: str | None = None
    jobs: list[dict[str, Any]] = field(default_factory=list)


def examine(text: str) -> Verdict:
    """The verdict on a configuration."""
    try:
        config = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as error:
        return Verdict([f"(<unknown>): {_told(error)}"])
    if not isinstance(config, dict):
        return Verdict(["Invalid configuration format"])
    jobs = {str(k): v for k, v in config.items() if k not in _ROOT or k == "pages"}
    errors = _root_errors(config, jobs) or _job_errors(config, jobs)
    visible = {name: job for name, job in jobs.items() if not name.startswith(".")}
    return Verdict(
        errors,
        [_INCLUDED] if config.get("include") else [],
        yaml.safe_dump(config, sort_keys=False, explicit_start=True, allow_unicode=True),
        [] if errors else [_shown(name, job) for name, job in visible.items()],
    )


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
    return f"{getattr(error, 'problem', None) or error}{place}"


def _root_errors(config: dict[Any, Any], jobs: dict[str, Any]) -> list[str]:
    odd = [f"jobs:{name} config should be a hash" for name, job in jobs.items()
           if not isinstance(job, dict)]  # fmt: skip
    if odd:
        return odd
    if all(name.startswith(".") for name in jobs) and not config.get("include"):
        return ["jobs config should contain at least one visible job"]
    return []


def _stages(config: dict[Any, Any]) -> list[str]:
    own = config.get("stages")
    return [".pre", *(map(str, own) if isinstance(own, list) else _STAGES), ".post"]


def _job_errors(config: dict[Any, Any], jobs: dict[str, Any]) -> list[str]:
    """The errors of single jobs; with includes, what they lack may come from there."""
    closed = not config.get("include")
    stages = _stages(config)
    errors = []
    for name, job in jobs.items():
        if unknown := sorted(str(key) for key in job if key not in _JOB):
            errors.append(f"jobs:{name} config contains unknown keys: {', '.join(unknown)}")
        if closed:
            errors += _dangling(name, job, jobs)
            if not name.startswith("."):
                errors += _incomplete(name, _whole(job, jobs), stages)
    return errors


def _incomplete(name: str, job: dict[str, Any], stages: list[str]) -> list[str]:
    errors = []
    if not any(word in job for word in ("script", "run", "trigger")):
        keyword = "the script:, run:, or trigger: keyword"
        errors.append(f"jobs:{name} config should implement {keyword}")
    stage = job.get("stage", "test")
    if stage not in stages:
        known = ", ".join(stages)
        errors.append(
            f"{name} job: chosen stage {stage} does not exist; available stages are {known}"
        )
    return errors


def _extended(job: dict[str, Any]) -> list[str]:
    names = job.get("extends") or []
    return [str(name) for name in (names if isinstance(names, list) else [names])]


def _whole(job: dict[str, Any], jobs: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A job with what it extends, as deep as GitLab goes."""
    result: dict[str, Any] = {}
    for name in _extended(job) if depth < 11 else []:
        result |= _whole(jobs.get(name) or {}, jobs, depth + 1)
    return result | job


def _dangling(name: str, job: dict[str, Any], jobs: dict[str, Any]) -> list[str]:
    unknown = [other for other in _extended(job) if other not in jobs]
    errors = [f"{name}: unknown keys in `extends` ({', '.join(unknown)})"] if unknown else []
    for word, said in (("needs", "need"), ("dependencies", "dependency")):
        asked = job.get(word)
        for item in asked if isinstance(asked, list) else []:
            other = item.get("job") if isinstance(item, dict) else item
            elsewhere = isinstance(item, dict) and ("project" in item or "pipeline" in item)
            optional = isinstance(item, dict) and item.get("optional") is True
            if other not in jobs and not (elsewhere or optional):
                errors.append(f"{name} job: undefined {said}: {other}")
    return errors


def _shown(name: str, job: dict[str, Any]) -> dict[str, Any]:
    """A job as the lint's answer lists it."""

    def lines(word: str) -> list[str]:
        value = job.get(word) or []
        return [str(line) for line in (value if isinstance(value, list) else [value])]

    environment = job.get("environment")
    return {
        "name": name,
        "stage": job.get("stage", "test"),
        "before_script": lines("before_script"),
        "script": lines("script"),
        "after_script": lines("after_script"),
        "tag_list": lines("tags"),
        "only": {"refs": ["branches", "tags"]} if "rules" not in job else None,
        "except": None,
        "environment": environment.get("name") if isinstance(environment, dict) else environment,
        "when": job.get("when", "on_success"),
        "allow_failure": job.get("allow_failure") is True,
        "needs": job.get("needs"),
    }
