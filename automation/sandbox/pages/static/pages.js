"use strict";
// Ticking boxes and moving cards without leaving the page. Each sends the same form that
// the page has, gets the page as it then is, and puts the changed parts in place.

const token = document.querySelector('meta[name="csrf-token"]').content;
let waiting = 0;
let queue = Promise.resolve();

function announce(text) {
  document.getElementById("announce").textContent = text;
}

function tellProblem(text) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = text;
  document.getElementById("notices").replaceChildren(notice);
}

async function post(action, fields) {
  const body = new URLSearchParams({ authenticity_token: token, ...fields });
  const answer = await fetch(action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) {
    throw new Error(page.querySelector(".lead")?.textContent ?? "That did not work.");
  }
  return page;
}

function putInPlace(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(old.id);
    if (fresh) {
      const { scrollLeft } = old;
      old.replaceWith(document.adoptNode(fresh));
      fresh.scrollLeft = scrollLeft;
    }
  }
}

// One after the other; the page is renewed when the last one is through.
function send(action, fields, done) {
  waiting += 1;
  queue = queue.then(async () => {
    try {
      const page = await post(action, fields);
      waiting -= 1;
      if (waiting === 0) {
        putInPlace(page);
        done();
      }
    } catch (error) {
      waiting -= 1;
      tellProblem(`${error.message} Reload the page to see how it stands.`);
    }
  });
}

// --- Boxes ---------------------------------------------------------------------------

const busy = new Set();

document.addEventListener("click", (event) => {
  if (busy.has(event.target)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches(".task[data-line]")) return;
  busy.add(box);
  const { line, byte, source } = box.dataset;
  const action = box.closest("[data-task]").dataset.task;
  const focused = document.activeElement === box;
  send(action, { line, byte, source, done: box.checked }, () => {
    busy.clear();
    const again = document.querySelector(`.task[data-line="${line}"][data-byte="${byte}"]`);
    if (focused) again?.focus();
    announce(document.querySelector("#about .tasks")?.textContent ?? "");
  });
});

// --- Boards --------------------------------------------------------------------------

let dragged = null;

function move(card, column) {
  const from = card.closest(".column");
  if (!column || column === from || !("movable" in card.dataset)) return;
  const { project, iid, title } = card.dataset;
  const name = column.dataset.name;
  column.querySelector(".cards").prepend(card);
  const action = card.closest("[data-move]").dataset.move;
  const fields = { project_id: project, iid, from: from.dataset.list, to: column.dataset.list };
  send(action, fields, () => {
    document.getElementById(card.id)?.focus();
    announce(`${title}: moved to ${name}`);
  });
}

function columnOf(target) {
  return target instanceof Element ? target.closest(".column") : null;
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".card[data-movable]") ?? null;
  if (dragged) {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.title);
  }
});

document.addEventListener("dragover", (event) => {
  const column = columnOf(event.target);
  for (const one of document.querySelectorAll(".column.over")) {
    if (one !== column) one.classList.remove("over");
  }
  if (dragged && column) {
    event.preventDefault();
    column.classList.add("over");
  }
});

document.addEventListener("drop", (event) => {
  const column = columnOf(event.target);
  if (dragged && column) {
    event.preventDefault();
    move(dragged, column);
  }
});

document.addEventListener("dragend", () => {
  dragged = null;
  for (const one of document.querySelectorAll(".column.over")) one.classList.remove("over");
});

function neighbour(card, key) {
  if (key === "ArrowUp") return card.previousElementSibling;
  if (key === "ArrowDown") return card.nextElementSibling;
  const step = key === "ArrowLeft" ? "previousElementSibling" : "nextElementSibling";
  for (let column = card.closest(".column")[step]; column; column = column[step]) {
    const first = column.querySelector(".card");
    if (first) return first;
  }
  return null;
}

document.addEventListener("keydown", (event) => {
  const card = event.target;
  if (!card.matches?.(".card") || event.altKey || event.ctrlKey || event.metaKey) return;
  const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
  if (event.shiftKey && sideways) {
    const column = card.closest(".column");
    event.preventDefault();
    move(card, event.key === "ArrowLeft" ? column.previousElementSibling : column.nextElementSibling);
  } else if (!event.shiftKey && (sideways || event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    neighbour(card, event.key)?.focus();
  }
});
