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
