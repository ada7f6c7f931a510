// Shows the OpenAPI document. What the page knows comes in data attributes, since a strict
// Content-Security-Policy allows no inline script.
"use strict";
const docs = document.getElementById("docs");

// The reader fills "Try it out" with the examples of parameters: a list would be asked for
// with every filter at once, in a tenant that is not the user's. What may be left out is
// left out, and its example told in words.
function tellExamples(parameter) {
  if ("example" in parameter && !parameter.required) {
    parameter.description += ` As in: \`${[parameter.example].flat().join(", ")}\`.`;
    delete parameter.example;
  }
}

function withoutExamples(text) {
  const api = JSON.parse(text);
  const shared = Object.values(api.components.parameters);
  const own = Object.values(api.paths).flatMap((methods) =>
    Object.values(methods).flatMap((operation) => operation.parameters)
  );
  [...shared, ...own].forEach(tellExamples);
  return JSON.stringify(api);
}

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
  responseInterceptor: (response) => {
    const { pathname } = new URL(response.url, document.baseURI);
    if (response.ok && pathname === docs.dataset.schema) {
      response.text = withoutExamples(response.text);
    }
    return response;
  },
});
