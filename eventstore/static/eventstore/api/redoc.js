// Shows the OpenAPI document. What the page knows comes in data attributes, since a strict
// Content-Security-Policy allows no inline script. The search would need a worker made of
// a blob, which the policy forbids; the browser's own finds all that is on the page.
"use strict";
{
  const docs = document.getElementById("docs");
  Redoc.init(docs.dataset.schema, { disableSearch: true }, docs);
}
