// Without this script every page reads the same; it adds a filter and sorting to the tables, and opens what is folded before printing.
"use strict";
const order = "●!◐?–";
const key = (row, column) => {
  const text = row.cells[column].textContent.trim();
  const place = text.length === 1 ? order.indexOf(text) : -1;
  return place < 0 ? text : String(place);
};

function sort(table, column, header) {
  const down = header.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
  const compare = (a, b) => a.localeCompare(b, "en", { numeric: true }) * (down ? -1 : 1);
  rows.sort(([a], [b]) => (a === "") - (b === "") || compare(a, b)); // what was not tested stays last
  table.tBodies[0].append(...rows.map((pair) => pair[1]));
}

function addSorting(table) {
  const width = table.tBodies[0].rows[0].cells.length;
  const last = [...table.tHead.rows].at(-1).cells;
  const headers = last.length === width ? [...last] : [table.tHead.rows[0].cells[0], ...last];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(table, column, header));
    header.append(button);
  });
}

function addFilter(table) {
  const rows = [...table.tBodies[0].rows];
  const texts = rows.map((row) => `${row.textContent} ${row.dataset.search || ""}`.toLowerCase());
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("span");
  label.className = "filter";
  count.className = "muted";
  count.setAttribute("role", "status");
  input.type = "search";
  input.placeholder = "name, event or label";
  label.append("Show rows with", input, count);
  table.closest(".scroll").before(label);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = !words.every((word) => texts[place].includes(word));
      shown += !row.hidden;
    });
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  if (!table.tBodies[0].rows.length) continue;
  addSorting(table);
  addFilter(table);
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const item of opened) item.open = true;
});
addEventListener("afterprint", () => {
  for (const item of opened) item.open = false;
});
