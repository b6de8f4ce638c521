// Without this script every page reads the same; it adds a filter and sorting to the tables, and opens what is folded before printing.
"use strict";
const order = "●!◐◌?–";
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
  table.tBodies[0].replaceChildren(...rows.map((pair) => pair[1]));
}

function headers(table) {
  const width = table.tBodies[0].rows[0].cells.length;
  const last = [...table.tHead.rows].at(-1).cells;
  return last.length === width ? [...last] : [table.tHead.rows[0].cells[0], ...last];
}

function addSorting(table) {
  headers(table).forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(table, column, header));
    header.append(button);
  });
}

// what a row says, with the heads of the columns in which a matrix has a sign that counts as found
function textOf(row, heads) {
  const found = [...row.cells].filter((cell) => "●◐!◌".includes(cell.textContent) && cell.textContent);
  return [row.textContent, ...found.map((cell) => heads[cell.cellIndex])].join(" ").toLowerCase();
}

function addFilter(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = headers(table).map((header) => header.textContent);
  let texts;
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
    table.tBodies[0].classList.add("whole");
    texts ??= rows.map((row) => textOf(row, heads));
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = !words.every((word) => texts[place].includes(word));
      shown += !row.hidden;
    });
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
}

// a cell of the matrix says what it is of when pointed at
function addHints(table) {
  const heads = headers(table).map((header) => header.textContent);
  const said = Object.fromEntries([...document.querySelectorAll(".legend li")].map((item) => [item.firstChild.textContent, item.lastChild.textContent]));
  table.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td");
    if (!cell || cell.dataset.hint) return;
    cell.dataset.hint = "yes";
    cell.title = `${cell.parentNode.cells[0].textContent}, ${heads[cell.cellIndex]}: ${[said[cell.textContent], cell.title].filter(Boolean).join(", ")}`;
  });
}

// a long table lays out its first rows only, until somebody scrolls towards the others
for (const box of document.querySelectorAll(".tall")) {
  const more = () => {
    if (box.scrollTop + 2 * box.clientHeight < box.scrollHeight) return;
    box.querySelector("tbody").classList.add("whole");
    box.removeEventListener("scroll", more);
  };
  box.addEventListener("scroll", more, { passive: true });
}

for (const table of document.querySelectorAll("table.sortable")) {
  if (!table.tBodies[0].rows.length) continue;
  addSorting(table);
  addFilter(table);
  if (table.classList.contains("matrix")) addHints(table);
}

// systems beside those in general use stay out of the way until they are asked for
for (const table of document.querySelectorAll("table.labels")) {
  const hidden = table.tHead.rows[0].cells.length - 9;
  if (hidden < 1) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "show-all";
  const say = () => (button.textContent = table.classList.contains("all") ? "Show fewer systems" : `Show ${hidden} more systems`);
  button.addEventListener("click", () => {
    table.classList.toggle("all");
    say();
  });
  say();
  table.closest(".scroll").before(button);
}

// figures of which one is looked at at a time: choose which
for (const first of document.querySelectorAll(".choice:first-of-type")) {
  const choices = [...first.parentNode.querySelectorAll(":scope > .choice")];
  if (choices.length < 2) continue;
  const label = document.createElement("label");
  const select = document.createElement("select");
  label.className = "choose";
  for (const item of choices) select.add(new Option(item.dataset.choice));
  const show = () => choices.forEach((item, place) => (item.hidden = place !== select.selectedIndex));
  select.addEventListener("change", show);
  label.append("Group samples by", select);
  first.before(label);
  show();
}

// text that is meant to be taken along: one press selects it
for (const text of document.querySelectorAll(".paste")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "select-text";
  button.textContent = "Select this text";
  button.addEventListener("click", () => getSelection().selectAllChildren(text));
  text.before(button);
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const item of opened) item.open = true;
});
addEventListener("afterprint", () => {
  for (const item of opened) item.open = false;
});
