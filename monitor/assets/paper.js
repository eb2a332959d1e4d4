/* What a style sheet alone cannot do for paper: the visits of an establishment open, and close again. */
(function () {
  "use strict";

  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".visits details:not([open])").forEach(function (part) {
      part.open = true;
      part.dataset.printed = "1";
    });
  });

  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-printed]").forEach(function (part) {
      part.open = false;
      delete part.dataset.printed;
    });
  });
})();
