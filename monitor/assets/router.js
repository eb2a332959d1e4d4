/* The browser's part of the router (monitor/routing/router.py is the server's).

   The address is the only state. A control or a link with data-state writes it; a change of
   it asks the server for those regions of the page that depend on what changed. */
(function () {
  "use strict";

  let visits = 0;
  let repeated = 0; // The newest visit that only brings the page on the screen up to date.
  let shown = ""; // The query string the screen was drawn for.
  let current = null; // What the server told of the page on the screen.

  function parameters(search) {
    return Object.fromEntries(new URLSearchParams(search || ""));
  }

  function searchOf(values) {
    const text = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
    return text ? "?" + text : "";
  }

  function setProps(id, props) {
    window.dash_clientside.set_props(id, props);
  }

  /* Of a control for several values the address has the values with commas between them. */
  function written(value) {
    return Array.isArray(value) ? value.join(",") : value || "";
  }

  function valueFor(control, text) {
    return control.several ? text.split(",").filter(Boolean) : text;
  }

  /* The value a control has for an address. A value the page knows nothing of counts as what
     the server made of it, so that an odd address is not corrected behind the reader's back. */
  function selected(page, values, key) {
    const control = page.controls[key];
    return shown === page.search ? control.value : values[key] || control.default;
  }

  function addressChanged(pathname, search, page) {
    const isSamePage = page && page.visit === visits && page.pathname === pathname && page.regions;
    const before = parameters(shown);
    shown = search || "";
    const after = parameters(shown);
    document.documentElement.dataset.view = after.view || "";
    if (!isSamePage) {
      visits += 1;
      return { pathname: pathname, search: shown, visit: visits };
    }
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    // A week that is named now and was the default before has not changed.
    const valueOf = (values, key) => values[key] || (page.controls[key] || {}).default || "";
    const changed = [...keys].filter((key) => valueOf(before, key) !== valueOf(after, key));
    Object.entries(page.controls).forEach(([key, control]) => {
      if (changed.includes(key) && !pressOne(key, valueOf(after, key))) {
        setProps({ type: "control", name: key }, { value: valueFor(control, valueOf(after, key)) });
      }
    });
    // Of two requests the newer one's answer counts: it brings what the other was to bring too.
    const dependent = Object.keys(page.regions).filter((name) => page.regions[name].some((key) => changed.includes(key)));
    const names = window.monitorAnswers.awaited(dependent);
    if (dependent.length) {
      setProps("request", { data: { pathname: pathname, search: shown, names: names } });
    }
    if (changed.includes("establishment")) {
      window.monitorFocus.establishmentChanged(before.establishment || "", after.establishment || "");
    }
    markChosen();
    return window.dash_clientside.no_update;
  }

  /* The same address once more: after a failure, or because there are newer results. */
  function again() {
    visits += 1;
    repeated = visits;
    setProps("visit", { data: { pathname: window.location.pathname, search: shown, visit: visits } });
  }

  function pageDrawn(page) {
    if (!page) {
      return;
    }
    current = page;
    document.title = page.title;
    window.monitorTheme.apply();
    document.querySelectorAll(".nav a").forEach((link) => {
      if (new URL(link.href).pathname.replace(/\/$/, "") === page.pathname.replace(/\/$/, "")) {
        link.setAttribute("aria-current", "page");
      } else {
        link.removeAttribute("aria-current");
      }
    });
    openMenu(false);
    window.monitorAnswers.pageDrawn();
    if (page.visit > 1 && page.visit !== repeated) {
      document.getElementById("content").focus({ preventScroll: true });
      announce(page.title);
    }
  }

  function controlsChanged(values, ids, page) {
    if (!page || page.visit !== visits || !page.controls) {
      return;
    }
    const chosen = {};
    ids.forEach((id, index) => {
      if (id.name in page.controls) {
        chosen[id.name] = written(values[index]);
      }
    });
    choose(page, chosen);
  }

  /* Of the buttons of a control one is pressed. Says whether it has any. */
  function pressOne(key, value) {
    const buttons = document.querySelectorAll(`[data-choose="${CSS.escape(key)}"]`);
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.value === value)));
    return buttons.length > 0;
  }

  /* Write what was chosen into the address, by the keys of the controls. */
  function choose(page, chosen) {
    const now = parameters(shown);
    const changed = Object.keys(chosen).filter((key) => chosen[key] !== selected(page, now, key));
    if (!changed.length) {
      return;
    }
    const next = pinned(now);
    changed.forEach((key) => {
      const control = page.controls[key];
      next[key] = chosen[key] === control.default && !control.pinned ? "" : chosen[key];
    });
    page.resets.forEach((key) => delete next[key]);
    go(next);
  }

  /* Weeks move on by themselves: an address that is to show the same tomorrow names them. */
  function pinned(values) {
    const result = Object.assign({}, values);
    Object.entries((current && current.controls) || {}).forEach(([key, control]) => {
      if (control.pinned && !result[key]) {
        result[key] = control.default;
      }
    });
    return result;
  }

  function go(values) {
    const search = searchOf(values);
    if (search !== shown) {
      setProps("url", { search: search });
    }
  }

  function set(changes) {
    go(pinned(Object.assign(parameters(shown), changes)));
  }

  function announce(text) {
    document.getElementById("announcer").textContent = text;
  }

  function isForAnotherTab(event) {
    return event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button > 0;
  }

  /* data-state names the parameters the link changes; where it names none, the link says them all. */
  function followStateLink(link) {
    const values = parameters(new URL(link.href).search);
    const names = (link.dataset.state || "").split(",").filter(Boolean);
    if (names.length) {
      set(Object.fromEntries(names.map((name) => [name, values[name] || ""])));
    } else {
      go(pinned(values));
    }
  }

  function openPage(link) {
    const address = new URL(link.href);
    window.scrollTo(0, 0);
    setProps("url", { pathname: address.pathname, search: address.search, hash: "" });
  }

  /* The row of the establishment that is open, without asking the server for the table again. */
  function markChosen() {
    const chosen = parameters(shown).establishment || "";
    document.querySelectorAll("[data-establishment]").forEach((link) => {
      const isChosen = link.dataset.establishment === chosen;
      link.setAttribute("aria-current", String(isChosen));
      link.closest("tr").classList.toggle("chosen", isChosen);
    });
    if (window.monitorMap) {
      window.monitorMap.select(chosen);
    }
  }

  /* What can be selected depends on what else is selected: a region may carry new options of controls, of such as well
     that the page leaves out because they offer no choice. Dash's id on the page is JSON, keys sorted. */
  function takeOptions() {
    document.querySelectorAll("[data-control]:not([data-taken])").forEach((carrier) => {
      carrier.dataset.taken = "1";
      const id = { name: carrier.dataset.control, type: "control" };
      if (document.getElementById(JSON.stringify(id))) {
        setProps(id, { options: JSON.parse(carrier.dataset.options) });
      }
    });
  }

  function openMenu(isOpen) {
    document.querySelector(".top").classList.toggle("open", isOpen);
    document.getElementById("menu").setAttribute("aria-expanded", String(isOpen));
  }

  async function copyLink(button) {
    const address = window.location.origin + window.location.pathname + searchOf(pinned(parameters(shown)));
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(address);
    } else {
      // Without HTTPS browsers offer no clipboard but this.
      const field = document.createElement("textarea");
      field.value = address;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    const label = button.textContent;
    button.textContent = "Copied";
    announce("The address of this view is on the clipboard.");
    window.setTimeout(() => (button.textContent = label), 1500);
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[data-state], a[data-page]");
    if (link && !isForAnotherTab(event)) {
      event.preventDefault();
      (link.dataset.page === undefined ? followStateLink : openPage)(link);
    } else if (event.target.closest("#copy-link")) {
      copyLink(event.target.closest("#copy-link"));
    } else if (event.target.closest("[data-choose]")) {
      const button = event.target.closest("[data-choose]");
      choose(current, { [button.dataset.choose]: button.dataset.value });
    } else if (event.target.closest("#menu")) {
      openMenu(!document.querySelector(".top").classList.contains("open"));
    } else if (event.target.closest("#print")) {
      window.print();
    }
  });

  // A form of selections has nothing to submit: Enter in the search field must not reload the page.
  document.addEventListener("submit", (event) => event.preventDefault());

  document.addEventListener("monitor-filled", function () {
    markChosen();
    takeOptions();
  });

  window.monitorRouter = {
    set: set,
    again: again,
    get: (key) => parameters(shown)[key] || "",
    announce: announce,
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    monitor: { addressChanged: addressChanged, pageDrawn: pageDrawn, controlsChanged: controlsChanged },
  });
})();
