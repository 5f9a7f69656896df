// Tables that sort and filter. Without it, everything can be read all the same.
"use strict";

const text = (cell) => (cell ? cell.textContent.trim() : "");

// A number where it begins like one (`12`, `75 %`), else null.
const number = (words) => (/^-?\d+(\.\d+)?( %)?$/.test(words) ? parseFloat(words) : null);

function compared(one, other) {
  const [left, right] = [number(one), number(other)];
  if (left !== null && right !== null) return left - right;
  return one.localeCompare(other, "en", { numeric: true });
}

// What has no value ends up last, whichever way the rest goes.
const isBlank = (words) => words === "" || words === "–";

function sort(table, index, direction) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => [text(row.cells[index]), row]);
  rows.sort(([one], [other]) => {
    if (isBlank(one) !== isBlank(other)) return isBlank(one) ? 1 : -1;
    return direction * compared(one, other);
  });
  body.append(...rows.map(([, row]) => row));
}

function sortable(table) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, index) => {
    if (head.classList.contains("w")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(table, index, down ? -1 : 1);
    });
  });
}

// What a filter looks at: in a heat map, the names and not the numbers.
function named(table, row) {
  const cells = Array.from(row.cells, text);
  const names = table.tHead.querySelectorAll("th:not(.w)").length;
  return cells.slice(0, names).join(" ");
}

function filterable(table) {
  const box = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const told = document.createElement("span");
  box.className = "filter";
  told.className = "shown";
  told.setAttribute("role", "status");
  input.type = "search";
  label.append(`${table.dataset.filter} `, input);
  box.append(label, told);
  table.closest(".scroll").before(box);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = Array.from(table.tBodies[0].rows);
    for (const row of rows) {
      const found = named(table, row).toLowerCase();
      row.hidden = !words.every((word) => found.includes(word));
    }
    const left = rows.filter((row) => !row.hidden).length;
    told.textContent = words.length ? `${left} of ${rows.length}` : "";
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  sortable(table);
  if (table.dataset.filter) filterable(table);
}

// The last weeks are what matters where not all of them have room.
for (const region of document.querySelectorAll(".scroll.weekly")) {
  region.scrollLeft = region.scrollWidth;
}
