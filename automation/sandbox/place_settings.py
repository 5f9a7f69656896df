"""Settings of projects and groups that are kept and shown, and change nothing here.

Clients write them and read them back. Each has the default and thereby the type that GitLab
documents ("Projects API", "Groups API"); what is not here is taken and left out, as Grape does
with parameters that it does not know.
"""

from __future__ import annotations

from typing import Any

from automation.sandbox.params import Params

PROJECT: dict[str, Any] = {
    "default_branch": "main", "topics": [], "packages_enabled": True,
    "resolve_outdated_diff_discussions": False, "merge_requests_enabled": True,
    "wiki_enabled": True, "jobs_enabled": True, "snippets_enabled": True,
    "container_registry_enabled": True, "service_desk_enabled": False,
    "repository_access_level": "enabled", "merge_requests_access_level": "enabled",
    "forking_access_level": "enabled", "wiki_access_level": "enabled",
    "builds_access_level": "enabled", "snippets_access_level": "enabled",
    "pages_access_level": "private", "emails_enabled": True, "shared_runners_enabled": True,
    "group_runners_enabled": True, "lfs_enabled": True, "public_jobs": True,
    "auto_cancel_pending_pipelines": "enabled", "build_git_strategy": "fetch",
    "build_timeout": 3600, "ci_config_path": "", "ci_default_git_depth": 20,
    "auto_devops_enabled": False, "autoclose_referenced_issues": True,
    "keep_latest_artifact": True, "only_allow_merge_if_pipeline_succeeds": False,
    "only_allow_merge_if_all_discussions_are_resolved": False,
    "remove_source_branch_after_merge": True, "request_access_enabled": True,
    "printing_merge_request_link_enabled": True, "merge_method": "merge",
    "squash_option": "default_off",
}  # fmt: skip
GROUP: dict[str, Any] = {
    "share_with_group_lock": False, "require_two_factor_authentication": False,
    "two_factor_grace_period": 48, "project_creation_level": "developer",
    "subgroup_creation_level": "maintainer", "emails_enabled": True, "lfs_enabled": True,
    "default_branch": "", "default_branch_protection": 2, "request_access_enabled": True,
    "shared_runners_setting": "enabled", "wiki_access_level": "enabled",
}  # fmt: skip


def read(params: Params, known: dict[str, Any]) -> dict[str, Any]:
    """Those of the known settings that a request names, each in its type.

    Raises:
        ApiError: 400 for a value of another type.
    """
    return {name: _value(params, name, known[name]) for name in known if params.has(name)}


def _value(params: Params, name: str, default: Any) -> Any:
    if isinstance(default, bool):
        return params.flag(name, default)
    if isinstance(default, int):
        return params.integer(name, default)
    return params.strings(name) if isinstance(default, list) else params.text(name, default)
