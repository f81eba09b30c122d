// What a page can do beyond being read: sort a table, copy it, open a picture large, unfold what a link leads to.
// Without scripts all is still there.
"use strict";

const text = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
const lines = (table) => [...table.rows].map((row) => [...row.cells].map(text));

function numberIn(words) {
  const found = words.replace(/−/g, "-").replace(/(\d),(?=\d{3})/g, "$1").match(/^[^\d-]{0,2}(-?\d+(?:\.\d+)?(?:e-?\d+)?)/i);
  return found ? Number(found[1]) : null;
}

// Numbers by size, words by letters, cells without a value last in either direction.
function compare(one, other, direction) {
  const [a, b] = [numberIn(one), numberIn(other)];
  const [emptyA, emptyB] = [/^(–|not run|)$/.test(one), /^(–|not run|)$/.test(other)];
  if (emptyA || emptyB) return emptyA - emptyB;
  if (a !== null && b !== null) return direction * (a - b);
  if (a !== null || b !== null) return a !== null ? -1 : 1;
  return direction * one.localeCompare(other);
}

function sort(table, column, header) {
  const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  const rows = [...table.tBodies[0].rows].map((row, place) => ({ row, place, told: text(row.cells[column]) }));
  rows.sort((one, other) => compare(one.told, other.told, direction) || one.place - other.place);
  table.tBodies[0].append(...rows.map(({ row }) => row));
}

const FORMATS = {
  CSV: (table) => lines(table).map((row) => row.map((cell) => (/[",]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join(",")).join("\n"),
  LaTeX: (table) => {
    const safe = (cell) => cell.replace(/\\/g, "\\textbackslash ").replace(/[&%$#_{}]/g, "\\$&").replace(/±/g, "$\\pm$").replace(/–/g, "--");
    const [head, ...body] = lines(table).map((row) => row.map(safe).join(" & ") + " \\\\");
    const rules = ["\\toprule", head, "\\midrule", ...body, "\\bottomrule"];
    return [`\\begin{tabular}{${"l".repeat(table.rows[0].cells.length)}}`, ...rules, "\\end{tabular}"].join("\n");
  },
  Markdown: (table) => {
    const [head, ...body] = lines(table).map((row) => `| ${row.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`);
    return [head, `|${"---|".repeat(table.rows[0].cells.length)}`, ...body].join("\n");
  },
};

async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch { // a page opened from disk may be denied the clipboard's own interface
    const box = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: words }));
    box.select();
    document.execCommand("copy");
    box.remove();
  }
}

function button(words, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  made.addEventListener("click", act);
  return made;
}

for (const table of document.querySelectorAll("table")) {
  const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
  if (table.tBodies[0]?.rows.length > 1) {
    heads.forEach((header, column) => {
      const words = header.innerText;
      header.replaceChildren(button(words, () => sort(table, column, header)));
    });
  }
  const tools = Object.assign(document.createElement("p"), { className: "tools" });
  const told = Object.assign(document.createElement("span"), { role: "status" });
  const buttons = Object.entries(FORMATS).map(([name, format]) =>
    button(name, async () => {
      await copy(format(table));
      told.textContent = ` copied as ${name}`;
    }),
  );
  tools.append("Copy this table as ", ...buttons.flatMap((one) => [one, " "]), told);
  table.closest(".scroll")?.after(tools);
}

const dialog = document.body.appendChild(document.createElement("dialog"));
dialog.setAttribute("aria-label", "Picture, enlarged");
dialog.addEventListener("click", () => dialog.close());
for (const picture of document.querySelectorAll("figure img")) {
  Object.assign(picture, { tabIndex: 0, title: "Open large" });
  picture.setAttribute("role", "button");
  const open = () => {
    const large = picture.cloneNode();
    large.removeAttribute("role");
    dialog.replaceChildren(large, button("Close", () => dialog.close()));
    dialog.showModal();
  };
  picture.addEventListener("click", open);
  picture.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open();
    }
  });
}

function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target?.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  target?.scrollIntoView();
}
unfold();
addEventListener("hashchange", unfold);

// On paper nothing can be unfolded.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
