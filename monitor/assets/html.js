/* Puts the plain HTML that monitor/routing/flattening.py took out of the components in its place.

   React knows these elements without children, so it leaves alone what stands in them. All text
   in it was escaped by the server, and the page's policy runs no script that stands in a page.
   The event monitor-filled tells the other scripts that something new is on the page. */
(function () {
  "use strict";

  function fill(element) {
    element.innerHTML = element.dataset.html;
  }

  new MutationObserver(function (changes) {
    let isNew = false;
    changes.forEach(function (change) {
      if (change.type === "attributes") {
        fill(change.target);
        isNew = true;
        return;
      }
      change.addedNodes.forEach(function (node) {
        if (node.nodeType !== Node.ELEMENT_NODE) {
          return;
        }
        isNew = true;
        if (node.dataset.html !== undefined) {
          fill(node);
        }
        node.querySelectorAll("[data-html]").forEach(fill);
      });
    });
    if (isNew) {
      document.dispatchEvent(new CustomEvent("monitor-filled"));
    }
  }).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-html"],
  });
})();
