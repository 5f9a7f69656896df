"use strict";
const box = document.querySelector(".filter");
const input = box.querySelector("input");
const told = box.querySelector("[role=status]");
const rows = Array.from(document.querySelectorAll(".list tbody tr"));
const texts = rows.map((row) => `${row.dataset.words} ${row.textContent}`.toLowerCase());
box.hidden = false;
input.addEventListener("input", () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  rows.forEach((row, place) => {
    row.hidden = !words.every((word) => texts[place].includes(word));
  });
  for (const section of document.querySelectorAll("main section")) {
    section.hidden = !section.querySelector("tbody tr:not([hidden])");
  }
  const left = rows.filter((row) => !row.hidden).length;
  told.textContent = words.length ? `${left} of ${rows.length}` : "";
});
