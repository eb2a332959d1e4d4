/* The browser's part of the router (monitor/router.py is the server's).

   The address is the only state. A control or a link with data-state writes it; a change of
   it asks the server for those regions of the page that depend on what changed. */
(function () {
  "use strict";

  let visits = 0;
  let shown = ""; // The query string the screen was drawn for.
  let cameFrom = 0; // How far down the list was when an establishment was opened.
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
    if (!isSamePage) {
      visits += 1;
      return { pathname: pathname, search: shown, visit: visits };
    }
    const after = parameters(shown);
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    // A week that is named now and was the default before has not changed.
    const valueOf = (values, key) => values[key] || (page.controls[key] || {}).default || "";
    const changed = [...keys].filter((key) => valueOf(before, key) !== valueOf(after, key));
    Object.keys(page.controls).forEach((key) => {
      if (changed.includes(key)) {
        setProps({ type: "control", name: key }, { value: valueOf(after, key) });
      }
    });
    Object.entries(page.regions).forEach(([name, dependsOn]) => {
      if (dependsOn.some((key) => changed.includes(key))) {
        setProps({ type: "request", name: name }, { data: { pathname: pathname, search: shown } });
      }
    });
    if (window.monitorMap) {
      window.monitorMap.select(after.establishment || "");
    }
    return window.dash_clientside.no_update;
  }

  function pageDrawn(page) {
    if (!page) {
      return;
    }
    current = page;
    document.title = page.title;
    document.querySelectorAll(".nav a").forEach((link) => {
      if (new URL(link.href).pathname.replace(/\/$/, "") === page.pathname.replace(/\/$/, "")) {
        link.setAttribute("aria-current", "page");
        const bar = link.parentElement;
        bar.scrollLeft = link.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
      } else {
        link.removeAttribute("aria-current");
      }
    });
    if (page.visit > 1) {
      document.getElementById("content").focus({ preventScroll: true });
      announce(page.title);
    }
  }

  function controlsChanged(values, ids, page) {
    if (!page || page.visit !== visits || !page.controls) {
      return;
    }
    const now = parameters(shown);
    const chosen = {};
    ids.forEach((id, index) => {
      if (id.name in page.controls) {
        chosen[id.name] = values[index] || "";
      }
    });
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

  function announce(text) {
    document.getElementById("announcer").textContent = text;
  }

  function followStateLink(event, link) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button > 0) {
      return;
    }
    event.preventDefault();
    const values = parameters(new URL(link.href).search);
    rememberPlace(Boolean(values.establishment));
    go(pinned(values));
  }

  /* On a narrow screen the establishment stands above the list: up to it, and back where one came from. */
  function rememberPlace(isOpening) {
    if (!window.matchMedia("(max-width: 1000px)").matches) {
      return;
    }
    const wasOpen = Boolean(parameters(shown).establishment);
    if (isOpening && !wasOpen) {
      cameFrom = window.scrollY;
      whenThere("#establishment.establishment", (part) => part.scrollIntoView({ block: "start" }));
    } else if (!isOpening && wasOpen) {
      whenThere("#establishment.hint", () => window.scrollTo(0, cameFrom));
    }
  }

  /* Once the answer of the server has drawn something. */
  function whenThere(selector, act) {
    const observer = new MutationObserver(function () {
      const part = document.querySelector(selector);
      if (part) {
        observer.disconnect();
        act(part);
      }
    });
    observer.observe(document.getElementById("content"), { childList: true, subtree: true, attributes: true });
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
    const link = event.target.closest("a[data-state]");
    if (link) {
      followStateLink(event, link);
    } else if (event.target.closest("a[data-reload]")) {
      event.preventDefault();
      window.location.reload();
    } else if (event.target.closest("#copy-link")) {
      copyLink(event.target.closest("#copy-link"));
    }
  });

  // A form of selections has nothing to submit: Enter in the search field must not reload the page.
  document.addEventListener("submit", (event) => event.preventDefault());

  window.monitorRouter = {
    set: (changes) => go(pinned(Object.assign(parameters(shown), changes))),
    get: (key) => parameters(shown)[key] || "",
    announce: announce,
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    monitor: { addressChanged: addressChanged, pageDrawn: pageDrawn, controlsChanged: controlsChanged },
  });
})();
