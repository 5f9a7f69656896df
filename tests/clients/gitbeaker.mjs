// A session of @gitbeaker/rest, unchanged, against the server in GITLAB_URL.
// Prints one JSON object: what each step came to.
import { pathToFileURL } from 'node:url';

const { GITBEAKER, GITLAB_URL, GITLAB_TOKEN } = process.env;
const { Gitlab } = await import(pathToFileURL(`${GITBEAKER}/dist/index.mjs`));
const api = new Gitlab({ host: GITLAB_URL, token: GITLAB_TOKEN });
const said = {};

const group = await api.Groups.create('Beaker', 'beaker');
const project = await api.Projects.create({ name: 'dam', namespaceId: group.id });
said.version = (await api.Metadata.show()).version;
said.edited = (await api.Projects.edit('beaker/dam', { wikiEnabled: false })).wiki_enabled;
said.projects = (await api.Projects.all({ membership: true })).map((one) => one.path);
const keyed = { pagination: 'keyset', perPage: 1, orderBy: 'id', sort: 'asc' };
said.keyset = (await api.Projects.all(keyed)).length;

const issue = await api.Issues.create(project.id, 'Hello', {
  labels: 'a,b',
  description: '- [x] one\n- [ ] two',
});
said.tasks = issue.task_completion_status;
said.closed = await api.Issues.edit(project.id, issue.iid, { addLabels: 'c', stateEvent: 'close' });
said.found = (await api.Issues.all({ projectId: project.id, labels: 'a' })).map((one) => one.iid);
said.note = (await api.IssueNotes.create(project.id, issue.iid, 'hi')).body;
said.notes = (await api.IssueNotes.all(project.id, issue.iid)).length > 0;
said.events = (await api.IssueLabelEvents.all(project.id, issue.iid)).length;
said.people = (await api.Issues.allParticipants(project.id, issue.iid)).map((one) => one.username);

await api.ProjectLabels.create(project.id, 'bug', '#ff0000', { priority: 1 });
await api.ProjectLabels.edit(project.id, 'bug', { newName: 'bugs' });
const counted = await api.ProjectLabels.all(project.id, { withCounts: true });
said.counts = Object.fromEntries(counted.map((one) => [one.name, one.closed_issues_count]));
said.promoted = (await api.ProjectLabels.promote(project.id, 'bugs')).name;
await api.GroupLabels.remove(group.id, 'bugs');

const milestone = await api.ProjectMilestones.create(project.id, 'm1', { dueDate: '2030-01-01' });
await api.ProjectMilestones.edit(project.id, milestone.id, { stateEvent: 'close' });
said.milestones = (await api.ProjectMilestones.all(project.id)).map((one) => one.state);

const board = await api.ProjectIssueBoards.create(project.id, 'Board');
const label = counted.find((one) => one.name === 'a');
await api.ProjectIssueBoards.createList(project.id, board.id, { labelId: label.id });
said.lists = (await api.ProjectIssueBoards.allLists(project.id, board.id)).length;

const user = await api.Users.create({
  name: 'Bea',
  username: 'bea',
  email: 'bea@example.com',
  forceRandomPassword: true,
});
await api.ProjectMembers.add(project.id, 30, { userId: user.id });
await api.ProjectMembers.edit(project.id, user.id, 40);
const members = await api.ProjectMembers.all(project.id, { includeInherited: true });
said.members = Object.fromEntries(members.map((one) => [one.username, one.access_level]));

const schedule = await api.PipelineSchedules.create(project.id, 'd', 'main', '0 1 * * *');
await api.PipelineScheduleVariables.create(project.id, schedule.id, 'K', 'V');
said.schedule = (await api.PipelineSchedules.show(project.id, schedule.id)).variables;
await api.ProjectVariables.create(project.id, 'A', 'b');
said.variables = (await api.ProjectVariables.all(project.id)).map((one) => one.key);
said.lint = (await api.Lint.lint(project.id, 'a:\n  script: x\n')).valid;

await api.Issues.remove(project.id, issue.iid);
await api.Projects.remove(project.id);
try {
  await api.Projects.show(project.id);
} catch (error) {
  said.missing = error.cause.description;
}
console.log(JSON.stringify(said));
