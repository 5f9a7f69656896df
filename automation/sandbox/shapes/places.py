"""Groups, projects, labels and milestones as GitLab shows them."""

from __future__ import annotations

import html
from typing import Any

from automation.sandbox.place_settings import GROUP, PROJECT
from automation.sandbox.schema import (
    Label,
    Milestone,
    Namespace,
    Project,
)

_LIGHT_FROM = 500


def group(row: Namespace, base: str) -> dict[str, Any]:
    """A group in full."""
    held = GROUP | row.settings
    return {
        "id": row.id,
        "web_url": f"{base}/groups/{row.full_path}",
        "name": row.name,
        "path": row.path,
        "description": row.description,
        "visibility": row.visibility,
        "share_with_group_lock": held["share_with_group_lock"],
        "require_two_factor_authentication": held["require_two_factor_authentication"],
        "two_factor_grace_period": held["two_factor_grace_period"],
        "project_creation_level": held["project_creation_level"],
        "auto_devops_enabled": None,
        "subgroup_creation_level": held["subgroup_creation_level"],
        "emails_disabled": not held["emails_enabled"],
        "emails_enabled": held["emails_enabled"],
        "mentions_disabled": None,
        "lfs_enabled": held["lfs_enabled"],
        "archived": row.archived,
        "math_rendering_limits_enabled": True,
        "lock_math_rendering_limits_enabled": False,
        "default_branch": held["default_branch"] or None,
        "default_branch_protection": held["default_branch_protection"],
        "default_branch_protection_defaults": {},
        "avatar_url": None,
        "request_access_enabled": held["request_access_enabled"],
        "full_name": row.full_name,
        "full_path": row.full_path,
        "created_at": row.created_at,
        "parent_id": row.parent_id,
        "organization_id": 1,
        "shared_runners_setting": held["shared_runners_setting"],
        "ldap_cn": None,
        "ldap_access": None,
        "marked_for_deletion_on": None,
        "wiki_access_level": held["wiki_access_level"],
    }


def group_public(row: Namespace, base: str) -> dict[str, Any]:
    """A group where only its name matters."""
    return {
        "id": row.id,
        "web_url": f"{base}/groups/{row.full_path}",
        "name": row.name,
        "avatar_url": None,
        "full_name": row.full_name,
        "full_path": row.full_path,
    }


def group_basic(row: Namespace, base: str) -> dict[str, Any]:
    """The three fields that a group board embeds."""
    return {"id": row.id, "web_url": f"{base}/groups/{row.full_path}", "name": row.name}


def namespace(row: Namespace, base: str) -> dict[str, Any]:
    """What a project says about where it lives."""
    prefix = "groups/" if row.kind == "group" else ""
    return {
        "id": row.id,
        "name": row.name,
        "path": row.path,
        "kind": row.kind,
        "full_path": row.full_path,
        "parent_id": row.parent_id,
        "avatar_url": None,
        "web_url": f"{base}/{prefix}{row.full_path}",
    }


def project_basic(row: Project, base: str) -> dict[str, Any]:
    """The short form, which anonymous callers and boards get."""
    url = f"{base}/{row.full_path}"
    held = PROJECT | row.settings
    host = base.split("://", 1)[-1].split(":")[0]
    return {
        "id": row.id,
        "description": row.description,
        "name": row.name,
        "name_with_namespace": f"{row.namespace.full_name} / {row.name}",
        "path": row.path,
        "path_with_namespace": row.full_path,
        "created_at": row.created_at,
        "default_branch": held["default_branch"],
        "tag_list": held["topics"],
        "topics": held["topics"],
        "ssh_url_to_repo": f"git@{host}:{row.full_path}.git",
        "http_url_to_repo": f"{url}.git",
        "web_url": url,
        "readme_url": None,
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": row.last_activity_at,
        "visibility": row.visibility,
        "namespace": namespace(row.namespace, base),
    }


def project(row: Project, base: str, open_issues: int) -> dict[str, Any]:
    """A project in full, without ``permissions``, which depend on who asks."""
    api = f"{base}/api/v4/projects/{row.id}"
    enabled = row.issues_access_level != "disabled"
    held = PROJECT | row.settings
    owner_group = row.namespace.kind == "group"
    return project_basic(row, base) | {
        "_links": {
            "self": api,
            **({"issues": f"{api}/issues"} if enabled else {}),
            "merge_requests": f"{api}/merge_requests",
            "repo_branches": f"{api}/repository/branches",
            "labels": f"{api}/labels",
            "events": f"{api}/events",
            "members": f"{api}/members",
        },
        "marked_for_deletion_at": None,
        "marked_for_deletion_on": None,
        "empty_repo": True,
        "archived": row.archived,
        "visibility": row.visibility,
        **{name: value for name, value in held.items() if name not in ("default_branch", "topics")},
        "issues_enabled": enabled,
        "can_create_merge_request_in": True,
        "issues_access_level": row.issues_access_level,
        "emails_disabled": not held["emails_enabled"],
        "creator_id": row.creator_id,
        "import_status": "none",
        **({"open_issues_count": open_issues} if enabled else {}),
        "description_html": f"<p>{html.escape(row.description)}</p>" if row.description else "",
        "updated_at": row.updated_at,
        "shared_with_groups": [],
        **({} if owner_group else {"owner": {"id": row.namespace.owner_id}}),
    }


def text_color(color: str) -> str:
    """Dark on light, light on dark, as `Gitlab::Color` decides it."""
    digits = color.lstrip("#")
    wide = digits if len(digits) == 6 else "".join(c * 2 for c in digits)
    shade = sum(int(wide[i : i + 2], 16) for i in (0, 2, 4))
    return "#1F1E24" if shade > _LIGHT_FROM else "#FFFFFF"


def label_basic(row: Label) -> dict[str, Any]:
    """A label where it is only mentioned: in issues, lists and events."""
    return {
        "id": row.id,
        "name": row.title,
        "description": row.description,
        "description_html": html.escape(row.description or ""),
        "text_color": text_color(row.color),
        "color": row.color,
        "archived": row.archived,
    }


def label(
    row: Label,
    priority: int | None,
    counts: tuple[int, int] | None,
    *,
    in_project: bool,
    subscribed: bool,
) -> dict[str, Any]:
    """A label in full; ``counts`` are its open and closed issues, when asked for."""
    shape = label_basic(row)
    if counts is not None:
        shape |= {
            "open_issues_count": counts[0],
            "closed_issues_count": counts[1],
            "open_merge_requests_count": 0,
        }
    shape["subscribed"] = subscribed
    if in_project:
        shape |= {"priority": priority, "is_project_label": row.project_id is not None}
    return shape


def milestone(row: Milestone, place: str, base: str, today: str) -> dict[str, Any]:
    """A milestone; ``place`` is the full path of its project or group."""
    where = f"groups/{place}" if row.group_id is not None else place
    return {
        "id": row.id,
        "iid": row.iid,
        **(
            {"group_id": row.group_id}
            if row.group_id is not None
            else {"project_id": row.project_id}
        ),
        "title": row.title,
        "description": row.description,
        "state": row.state,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "due_date": row.due_date,
        "start_date": row.start_date,
        "expired": row.due_date is not None and row.due_date < today,
        "web_url": f"{base}/{where}/-/milestones/{row.iid}",
    }


def milestone_seen_from(
    row: Milestone | None, place: Project | Namespace, base: str, today: str
) -> dict[str, Any] | None:
    """A milestone of that place, or of a group above it; `None` for none."""
    if row is None:
        return None
    path = place.full_path
    if row.group_id is not None:
        group = place.namespace if isinstance(place, Project) else place
        depth = group.lineage_ids.index(row.group_id) + 1
        path = "/".join(path.split("/")[:depth])
    return milestone(row, path, base, today)
