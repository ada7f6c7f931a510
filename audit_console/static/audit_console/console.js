// The console's only script. Pages are complete without it; it makes them quicker.

const status = document.getElementById("status");

/** Say something to screen readers, through the one region that is always there. */
function announce(text) {
  if (status) status.textContent = text;
}

// ---- Menus: one open at a time, closed by Escape or a click elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// ---- Copy: <button data-copy="text"> or data-copy-from="id of an element".
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyFrom);
  const text = button.dataset.copy ?? source?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    announce(button.dataset.copied ?? "");
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 2000);
  } catch {
    // Not allowed, or no secure context: leave the text to be selected.
    if (source) getSelection().selectAllChildren(source);
  }
});

// ---- htmx: tell that a part is being replaced, and what came of it.
document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target?.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.removeAttribute("aria-busy");
});
document.addEventListener("htmx:afterSwap", (event) => {
  const said = event.detail.target.querySelector("[data-announce]");
  if (said) announce(said.dataset.announce || said.textContent.trim());
});

// ---- Whoever ticks a part means parts: <... data-means="value of the radio button">.
document.addEventListener("change", (event) => {
  const means = event.target.closest("[data-means]")?.dataset.means;
  const radio = event.target.form?.querySelector(`input[type=radio][value="${means}"]`);
  if (radio && event.target.checked) radio.checked = true;
});

// ---- Theme: an account's preference is what a new browser begins with.
const root = document.documentElement;
const preferred = root.dataset.preferredTheme;
if (preferred && !localStorage.getItem("theme")) {
  localStorage.setItem("theme", preferred);
  root.dataset.theme = preferred;
}
document.querySelector("form[data-theme-form]")?.addEventListener("submit", (event) => {
  localStorage.setItem("theme", event.target.elements.theme.value);
});

// ---- Live: a part with data-live polls; it rests while the tab is hidden, and ends
// after a quarter of an hour, so that no forgotten tab reads for ever.
const LIVE_MILLISECONDS = 15 * 60 * 1000;
const ANNOUNCE_MILLISECONDS = 10 * 1000;
const loaded = Date.now();
let lastAnnounced = 0;
document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.detail.elt.closest("[data-live]");
  // A click inside the part is the reader's own; only the clock is held back.
  if (!live || event.detail.elt !== live) return;
  if (document.hidden) event.preventDefault();
  if (Date.now() - loaded > LIVE_MILLISECONDS) {
    event.preventDefault();
    live.removeAttribute("aria-busy");
    const note = document.querySelector("[data-live-ended]");
    if (note?.hidden) {
      note.hidden = false;
      announce(note.textContent.trim());
    }
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.target.closest("[data-live]")) return;
  const now = Date.now();
  if (now - lastAnnounced < ANNOUNCE_MILLISECONDS) return;
  lastAnnounced = now;
  announce(event.detail.target.textContent.trim());
});

// ---- Keyboard. Rows carry data-row, their link data-open; controls of a page carry
// data-filters, data-time-range, data-compare, data-save, data-pinned.
const first = (selector) => document.querySelector(selector);
const rows = () => [...document.querySelectorAll("[data-row]")];
const currentRow = () => first("[data-row].current");

function moveTo(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(currentRow());
  const next = all[Math.min(Math.max(at < 0 ? 0 : at + step, 0), all.length - 1)];
  currentRow()?.classList.remove("current");
  next.classList.add("current");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("[data-open]")?.focus({ preventScroll: true });
}

const follow = (selector) => first(selector)?.click();
const focusOn = (selector) => {
  const target = first(selector);
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  target?.focus();
};

// ---- Charts: one Tab stop, arrows within (roving tabindex); the table beside it is
// there for whoever wants to read.
const barKeys = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
function rove(chart) {
  const bars = [...chart.querySelectorAll("a")];
  bars.forEach((bar, n) => bar.setAttribute("tabindex", n ? "-1" : "0"));
  chart.addEventListener("keydown", (event) => {
    const step = barKeys[event.key];
    const at = bars.indexOf(event.target.closest("a"));
    if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = bars[Math.min(Math.max(at + step, 0), bars.length - 1)];
    bars[at].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}
const charts = "svg.histogram, svg.stacks";
document.querySelectorAll(charts).forEach(rove);
document.addEventListener("htmx:afterSwap", (event) => {
  event.detail.target.querySelectorAll(charts).forEach(rove);
});

// On a narrow screen the facets would stand between the chart and the results.
if (matchMedia("(max-width: 68rem)").matches) first("details.all-facets")?.removeAttribute("open");

// The row that was opened is marked when the reader comes back to the list.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-open]")?.closest("[data-row][id]");
  if (row) history.replaceState(history.state, "", `#${row.id}`);
});

// ---- Rows that unfold in their place: <table data-unfold="label of the buttons">.
// Without a script, the row's link leads to the same and more.
for (const table of document.querySelectorAll("table[data-unfold]")) {
  for (const row of table.querySelectorAll("[data-row]")) {
    const link = row.querySelector("[data-open]");
    if (!link) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", `${table.dataset.unfold} ${positionOf(row)}`);
    button.addEventListener("click", () => toggle(row));
    link.before(button);
  }
}

function positionOf(row) {
  return row.id.slice(1);
}

function toggle(row) {
  const button = row?.querySelector(".unfold");
  if (!button) return;
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  if (isOpen) {
    // What is read again is fetched again, and on record again.
    const below = row.nextElementSibling;
    if (below.contains(document.activeElement)) button.focus();
    below.remove();
    button.removeAttribute("aria-controls");
    return;
  }
  const below = document.createElement("tr");
  const part = below.insertCell().appendChild(document.createElement("div"));
  below.className = "unfolded";
  below.cells[0].colSpan = row.cells.length;
  part.id = `unfolded-${positionOf(row)}`;
  row.after(below);
  button.setAttribute("aria-controls", part.id);
  // By itself as the source: parts of one source would wait for one another.
  htmx
    .ajax("GET", row.querySelector("[data-open]").href, { source: part, target: part, swap: "innerHTML" })
    .catch(() => {
      part.textContent = row.closest("table").dataset.unfoldFailed;
      announce(part.textContent);
    });
}

const KEYS = {
  "/": () => focusOn("#goto"),
  f: () => focusOn("[data-filters]"),
  t: () => focusOn("[data-time-range]"),
  j: () => moveTo(1),
  k: () => moveTo(-1),
  o: () => toggle(currentRow()),
  " ": () => toggle(currentRow()),
  x: () => currentRow()?.querySelector("input[type=checkbox]")?.click(),
  c: () => follow("[data-compare]"),
  "]": () => follow("a[rel=next]"),
  "[": () => follow("a[rel=prev]"),
  s: () => follow("[data-save]"),
  y: () => follow("[data-pinned]"),
  "?": showKeys,
};

function showKeys() {
  const dialog = first("#help-dialog");
  if (!dialog || dialog.open) return;
  first("#keys").dispatchEvent(new Event("show-keys"));
  dialog.showModal();
}

const isTyping = (element) =>
  element?.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable], dialog");

if (document.body.dataset.shortcuts === "on") {
  document.addEventListener("keydown", (event) => {
    // The browser's own combinations stay the browser's.
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target)) return;
    // A blank scrolls the page and presses buttons, except on the link of a row.
    if (event.key === " " && !event.target.closest("[data-row].current [data-open]")) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    // A key that is held down is meant once, but for walking through the rows.
    if (event.repeat && event.key !== "j" && event.key !== "k") return;
    act();
  });
}
