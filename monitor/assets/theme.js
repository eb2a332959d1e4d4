/* Light or dark: as the system says, or as chosen here. Loaded in the head, before anything is painted. */
(function () {
  "use strict";

  const KEY = "food-inspections-theme";
  const CHOICES = ["auto", "light", "dark"];
  const WORDS = { auto: "Auto", light: "Light", dark: "Dark" };

  function stored() {
    try {
      const value = window.localStorage.getItem(KEY);
      return CHOICES.includes(value) ? value : "auto";
    } catch (error) {
      return "auto"; // Storage may be closed to us; the choice then lasts as long as the page.
    }
  }

  let choice = stored();

  function apply() {
    if (choice === "auto") {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = choice;
    }
    const button = document.getElementById("theme");
    if (button) {
      const next = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
      button.textContent = WORDS[choice];
      button.setAttribute("aria-label", "Theme: " + WORDS[choice] + ". Change to " + WORDS[next]);
      button.dataset.choice = choice;
    }
    document.dispatchEvent(new CustomEvent("monitor-theme"));
  }

  function remember() {
    try {
      window.localStorage.setItem(KEY, choice);
    } catch (error) {
      window.monitorRouter.announce("This browser keeps no settings: the theme lasts until the page is closed.");
    }
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("#theme")) {
      return;
    }
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    apply();
    remember();
  });

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  apply();

  // The button is drawn some time after this file is read; the router says when.
  window.monitorTheme = { apply: apply };
})();
