// Keeps the list of releases as it is on the server, while somebody looks.
"use strict";

const EVERY = 2000;

async function refresh() {
  if (document.hidden) {
    return;
  }
  const answer = await fetch(location.pathname);
  if (!answer.ok) {
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = page.querySelector("#releases tbody");
  const shown = document.querySelector("#releases tbody");
  if (rows && shown.innerHTML !== rows.innerHTML) {
    shown.replaceWith(rows);
  }
}

// A server that was stopped may come back.
setInterval(() => refresh().catch(() => {}), EVERY);
