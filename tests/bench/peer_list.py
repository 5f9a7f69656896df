"""Who takes part in the benchmark, and how each is installed.

Left out, after a try to install or run them: `gitlab-attendant` (its package is empty),
`issurge` (calls `glab`, one process an issue), `gitlab-auto-close-issue` (closes what is named
to it), `gitlab-issues-sync` (copies issues from one project to another), `isqa` (reports on
boards, opens nothing). The original `gitlab-triage` is a Ruby gem.
"""

from __future__ import annotations

from tests.bench.peer_tools import (
    Peer,
    Task,
    drumbeat,
    drumbeat_assigning,
    gibihm,
    gitbeaker,
    gitlab_triage,
    glabflow,
    python_gitlab,
    recurring_issues,
    repository_of_gibihm,
    repository_that_assigns,
    with_its_notes,
    work_item_automations,
)

RECURRING = frozenset({Task.IDLE, Task.CREATING})
EVERYTHING = frozenset(Task)


def _venv(name: str, *packages: str, without: str = "") -> tuple[str, ...]:
    """The commands that install packages into an environment of their own."""
    pip = f"{name}/bin/pip install"
    bare = (f"{pip} --no-deps '{without}'",) if without else ()
    return (
        f"python -m venv {name}",
        f"{pip} {' '.join(repr(one) if '<' in one else one for one in packages)}",
        *bare,
    )


_OLD = "click<8 click-logging<2 croniter<2 dateparser<2 python-gitlab<3 pytz<2022 setuptools<81"
DRUMBEAT = Peer("drumbeat", "drumbeat", EVERYTHING, "", (), drumbeat, judged=False)
ASSIGNING = Peer(
    "drumbeat, assigning", "drumbeat", RECURRING, "", (), drumbeat_assigning, judged=False
)
PEERS = (
    Peer(
        "gibihm",
        "gibihm",
        RECURRING,
        "bin/gibihm",
        _venv("gibihm", *_OLD.split(), "pyyaml", without="gibihm==0.1.1.post2"),
        gibihm,
        files=repository_of_gibihm,
        remark="installed beside a newer PyYAML than it names, which alone builds today",
    ),
    Peer(
        "gibihm, assigning",
        "gibihm",
        RECURRING,
        "bin/gibihm",
        (),
        gibihm,
        files=repository_that_assigns,
        judged=False,
        remark="each issue is assigned to its manager, as Drumbeat does if not told otherwise",
        home="gibihm",
    ),
    Peer(
        "work-item-automations",
        "python3-cyberfusion-work-item-automations",
        RECURRING,
        "bin/glwia",
        _venv("work-item-automations", "python3-cyberfusion-work-item-automations==1.7"),
        work_item_automations,
        remark="on a fresh runner",
    ),
    Peer(
        "work-item-automations, kept",
        "python3-cyberfusion-work-item-automations",
        frozenset({Task.IDLE}),
        "bin/glwia",
        (),
        with_its_notes,
        judged=False,
        remark="on a machine whose files are kept: it believes them, and does not look",
        home="work-item-automations",
    ),
    Peer(
        "gitlab-recurring-issues",
        "gitlab-recurring-issues",
        RECURRING,
        "bin/recurring_issues",
        _venv("gitlab-recurring-issues", "gitlab-recurring-issues==0.1.3"),
        recurring_issues,
        remark="the address of GitLab in its code replaced",
    ),
    Peer(
        "gitlab-triage-node",
        "triage-bot",
        frozenset({Task.TRIAGE}),
        "node_modules/@gitbeaker/rest",
        (
            "git clone https://github.com/abh80/gitlab-triage gitlab-triage-node",
            "npm --prefix gitlab-triage-node install --omit=dev",
        ),
        gitlab_triage,
        remark="a port of gitlab-triage, from GitHub; on no registry",
    ),
    Peer(
        "python-gitlab",
        "python-gitlab",
        EVERYTHING,
        "bin/gitlab",
        _venv("python-gitlab", "python-gitlab"),
        python_gitlab(),
        judged=False,
        remark="a loop",
    ),
    Peer(
        "python-gitlab, 100 a page",
        "python-gitlab",
        EVERYTHING,
        "bin/gitlab",
        (),
        python_gitlab("100"),
        judged=False,
        remark="a loop that asks for the longest pages",
        home="python-gitlab",
    ),
    Peer(
        "glabflow",
        "glabflow",
        EVERYTHING,
        "bin/glabflow",
        _venv("glabflow", "glabflow==0.1.0a10"),
        glabflow,
        judged=False,
        remark="a loop that sends everything at once; needs Python 3.12",
    ),
    Peer(
        "gitbeaker",
        "@gitbeaker/rest",
        EVERYTHING,
        "node_modules/@gitbeaker/rest",
        ("npm --prefix gitbeaker install @gitbeaker/rest",),
        gitbeaker(),
        judged=False,
        remark="a loop",
    ),
    Peer(
        "gitbeaker, 100 a page",
        "@gitbeaker/rest",
        EVERYTHING,
        "node_modules/@gitbeaker/rest",
        (),
        gitbeaker("100"),
        judged=False,
        remark="a loop that asks for the longest pages",
        home="gitbeaker",
    ),
)
