// What a person writes with @gitbeaker/rest: list the issues, open those that lack, label the old.
// The calls are those of the library's documentation. What is wanted comes as JSON in TASK;
// PAGE is the length of a page, where the library's own is not wanted.
import { pathToFileURL } from 'node:url';

const { GITBEAKER, GITLAB_URL, GITLAB_TOKEN, PAGE, TASK } = process.env;
const { Gitlab } = await import(pathToFileURL(`${GITBEAKER}/dist/index.mjs`));
const task = JSON.parse(TASK);
const api = new Gitlab({ host: GITLAB_URL, token: GITLAB_TOKEN });
const more = PAGE ? { perPage: Number(PAGE) } : {};
const projectId = task.project;

if (task.name === 'triage') {
  const updatedBefore = new Date(Date.now() - task.quiet_days * 86_400_000).toISOString();
  const chosen = { projectId, state: 'opened', labels: 'SGG', updatedBefore, ...more };
  for (const issue of await api.Issues.all(chosen)) {
    if (!issue.labels.includes(task.label)) {
      await api.Issues.edit(projectId, issue.iid, { addLabels: task.label });
    }
  }
} else {
  const issues = await api.Issues.all({ projectId, ...more });
  const there = new Set(issues.map((issue) => issue.title));
  for (const title of task.titles) {
    if (!there.has(title)) {
      const { description, labels } = task;
      await api.Issues.create(projectId, title, { description, labels: labels.join(',') });
    }
  }
}
