/* Where the focus is after a part of the page was drawn anew, and what is said aloud.

   An answer of the server replaces the very link that asked for it. What carries the same data-focus in
   the new content gets the focus back; what carries data-say is announced when it has changed. */
(function () {
  "use strict";

  let last = ""; // What had the focus when it was last given by a hand.
  let wanted = ""; // What gets it as soon as it is there.
  let otherwise = ""; // And where that is not on the page.
  const said = new Map();

  function find(name) {
    return name ? document.querySelector(`[data-focus="${CSS.escape(name)}"]`) : null;
  }

  function isLost() {
    return !document.activeElement || document.activeElement === document.body;
  }

  function give(element) {
    element.focus({ preventScroll: true });
    last = element.dataset.focus;
    wanted = "";
  }

  function restore() {
    if (wanted && find(wanted)) {
      give(find(wanted));
    } else if (!wanted && isLost() && find(last)) {
      give(find(last));
    }
  }

  function establishmentChanged(before, after) {
    wanted = after ? "establishment-" + after : "row-" + before;
    otherwise = after ? "" : "queue";
    if (!after) {
      // Its row may be on another page of the table, where it was opened from the map.
      const back = find(wanted) || find(otherwise);
      if (back) {
        give(back);
      }
      wanted = "";
    }
  }

  function say() {
    document.querySelectorAll("[data-say]").forEach(function (part) {
      const place = (part.closest(".region-content") || {}).id || "";
      const isNew = said.has(place) && said.get(place) !== part.dataset.say;
      said.set(place, part.dataset.say);
      if (isNew) {
        window.monitorRouter.announce(part.dataset.say);
      }
    });
  }

  function close() {
    const isOpen = window.monitorRouter.get("establishment");
    // An open list of options closes first, and does so by itself.
    if (isOpen && !document.querySelector(".dash-dropdown-content")) {
      window.monitorRouter.set({ establishment: "" });
    }
  }

  document.addEventListener("focusin", function (event) {
    const holder = event.target.closest("[data-focus]");
    last = holder ? holder.dataset.focus : "";
  });
  // Who clicks on nothing wants nothing focused.
  document.addEventListener("pointerdown", function (event) {
    if (!event.target.closest("a, button, input, summary, label, [tabindex]")) {
      last = "";
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      close();
    }
  });
  document.addEventListener("monitor-filled", function () {
    restore();
    say();
  });

  window.monitorFocus = { establishmentChanged: establishmentChanged };
})();
