// Shows the OpenAPI document. What the page knows comes in data attributes, since a strict
// Content-Security-Policy allows no inline script.
"use strict";
const docs = document.getElementById("docs");
SwaggerUIBundle({
  url: docs.dataset.schema,
  domNode: docs,
  deepLinking: true,
  // Nothing of this server's API is sent to a validator elsewhere.
  validatorUrl: null,
  requestInterceptor: (request) => {
    // With a session, "Try it out" writes as the user, and needs the token to do so.
    if (new URL(request.url, document.baseURI).origin === location.origin) {
      request.headers["X-CSRFToken"] = docs.dataset.csrfToken;
    }
    return request;
  },
});
