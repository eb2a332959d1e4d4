/* Whether the server answers, and whether it has something newer to say.

   A page or a part that could not be loaded is taken off the screen: what was there belongs to another
   address. It is asked for again by itself, sooner at first, then every half minute. */
(function () {
  "use strict";

  const WAITS_S = [2, 4, 8, 15, 30];
  const LOOK_EVERY_S = 60;
  const failed = new Set();
  const ask = window.fetch;

  let asked = 0; // How often Dash has asked; it takes only the newest answer of a sort.
  let tries = 0;
  let timer = 0;
  let newest = null; // What the server knew when the page on the screen was drawn.
  let isOutOfReach = false;

  function prefix() {
    return JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix;
  }

  function clock() {
    return new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  }

  function partOf(id) {
    return document.getElementById(id);
  }

  /* As Dash writes the id of a region. */
  function regionId(name) {
    return JSON.stringify({ name: name, type: "region" });
  }

  /* The ids of the elements whose content an answer is: the page's, or those of some of its regions. */
  function idsOf(request) {
    const { names } = JSON.parse(request).inputs[0].value;
    return names ? names.map(regionId) : ["content"];
  }

  /* The names of the regions to ask for: these, and those that an answer still under way was to bring. */
  function awaited(names) {
    names.map(regionId).filter(partOf).forEach((id) => (partOf(id).dataset.asked = "1"));
    return [...document.querySelectorAll("[data-asked]")].map((part) => JSON.parse(part.id).name);
  }

  window.fetch = function (resource, options) {
    const answer = ask.apply(this, arguments);
    if (String(resource.url || resource).includes("_dash-update-component")) {
      const ids = idsOf(options.body);
      const number = (asked += 1);
      const ended = (isGiven, status) => number === asked && (isGiven ? answered(ids) : refused(ids, status));
      answer.then((response) => ended(response.ok, response.status), () => ended(false, 0));
    }
    return answer;
  };

  function refused(ids, status) {
    const there = ids.filter(partOf); // Or their page was left.
    if (!there.length) {
      return;
    }
    there.forEach((id) => {
      failed.add(id);
      delete partOf(id).dataset.asked;
      partOf(id).dataset.failed = "This part could not be loaded for what is selected now.";
    });
    const what = there[0] === "content" ? "This page could not be loaded" : "A part of this page could not be loaded";
    const why = status ? `the dashboard answered with an error (${status})` : "the dashboard does not answer";
    tell(`${what}: ${why}. It is tried again by itself.`);
    tryLater();
  }

  function answered(ids) {
    if (ids[0] === "content") {
      failed.clear(); // The old page stays out of sight until the new one is drawn.
    }
    ids.filter(partOf).forEach((id) => {
      delete partOf(id).dataset.asked;
      if (failed.delete(id)) {
        delete partOf(id).dataset.failed;
      }
    });
    if (!failed.size) {
      reached();
    }
  }

  function reached() {
    window.clearTimeout(timer);
    timer = 0;
    isOutOfReach = false;
    const bar = document.getElementById("trouble");
    if (bar && !bar.hidden) {
      bar.hidden = true;
      window.monitorRouter.announce("The dashboard answers again.");
    }
  }

  function tell(text) {
    document.getElementById("trouble-text").textContent = text;
    document.getElementById("trouble").hidden = false;
  }

  function tryLater() {
    if (!timer) {
      timer = window.setTimeout(tryNow, 1000 * WAITS_S[Math.min(tries, WAITS_S.length - 1)]);
      tries += 1;
    }
  }

  /* What the server knows; nothing while it cannot read its database. */
  async function newestResult() {
    const response = await ask(prefix() + "freshness", { cache: "no-store" });
    return response.ok ? (await response.json()).newest : null;
  }

  /* A page is asked for once there is hope. */
  function tryNow() {
    window.clearTimeout(timer);
    timer = 0;
    newestResult().then((known) => (known === null ? tryLater() : window.monitorRouter.again()), tryLater);
  }

  /* A part that says the database is away looks for it by itself. */
  function lookForTrouble() {
    if (document.querySelector("[data-retry]")) {
      tryLater();
    } else if (!failed.size) {
      tries = 0;
    }
  }

  async function look() {
    if (document.hidden || failed.size) {
      return;
    }
    try {
      const known = await newestResult();
      if (isOutOfReach) {
        reached();
      }
      if (known === null) {
        return; // A page that needs the database says so itself.
      }
      const isNewer = newest !== null && known !== newest;
      // Nothing moves under the hand of somebody who is selecting something.
      if (isNewer && document.activeElement.closest(".controls, .drawer")) {
        return;
      }
      newest = known;
      document.getElementById("freshness").textContent = `Up to date at ${clock()}.`;
      if (isNewer) {
        window.monitorRouter.announce("There are newer results: the page is brought up to date.");
        window.monitorRouter.again();
      }
    } catch (error) {
      isOutOfReach = true;
      tell(`The dashboard has not answered since ${clock()}. What is shown stands as it was then.`);
    }
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-again]")) {
      window.monitorRouter.again();
    }
  });
  document.addEventListener("monitor-filled", lookForTrouble);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", () => (failed.size ? tryNow() : look()));
  window.setInterval(look, 1000 * LOOK_EVERY_S);

  window.monitorAnswers = {
    prefix: prefix,
    awaited: awaited,
    pageDrawn: function () {
      document.querySelectorAll("[data-failed]").forEach((part) => delete part.dataset.failed);
      newest = null; // As new as can be.
      look();
    },
    look: look,
  };
})();
