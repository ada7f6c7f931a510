// Runs before Redoc, which knows nothing of a strict Content-Security-Policy while it loads.
"use strict";
{
  // The styles that it makes are its own: they get the nonce of the page.
  const { nonce } = document.getElementById("docs").dataset;
  const createElement = Document.prototype.createElement;
  Document.prototype.createElement = function (...made) {
    const element = createElement.apply(this, made);
    if (element instanceof HTMLStyleElement) {
      element.nonce = nonce;
    }
    return element;
  };

  // The logo of its makers lies on their server, which need not know who reads here.
  const kept = (address) =>
    `${address}`.startsWith("https://cdn.redoc.ly/") ? "data:," : address;
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    setAttribute.call(this, name, name === "src" ? kept(value) : value);
  };
  const images = HTMLImageElement.prototype;
  const src = Object.getOwnPropertyDescriptor(images, "src");
  Object.defineProperty(images, "src", {
    ...src,
    set(value) {
      src.set.call(this, kept(value));
    },
  });
}
