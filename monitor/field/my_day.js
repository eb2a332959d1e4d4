/* My day: one day of the week at a time; decisions are kept here until the server has them.

   Each decision has a key of its own from the moment it is made, so that sending it again, after an answer
   that never came, keeps it once. The writer's key stays in this tab's session. */
(function () {
  "use strict";

  const main = document.querySelector("main[data-week]");
  const base = main ? main.dataset.base : "/";
  const WAITING = "food-inspections-waiting";
  const REFUSED = "food-inspections-refused";
  const KEY = "food-inspections-writer";
  // As worker.js names it.
  const KEPT = "my-day-1";
  const WORDS = {
    done: "Done",
    closed: "Found closed",
    wrong_address: "Wrong address",
    postponed: "Postponed",
    skipped: "Skipped",
  };
  const NEEDS_REASON = ["postponed", "skipped"];
  let isSending = false;

  function waiting() {
    return JSON.parse(localStorage.getItem(WAITING) || "[]");
  }

  function keep(decisions) {
    localStorage.setItem(WAITING, JSON.stringify(decisions));
    tell();
  }

  /* What the server refused for good stays here, whatever page is open, until somebody has read it. */
  function refused() {
    return JSON.parse(localStorage.getItem(REFUSED) || "[]");
  }

  function keepRefused(decisions) {
    localStorage.setItem(REFUSED, JSON.stringify(decisions));
    showRefused();
  }

  function showRefused() {
    const list = document.getElementById("refused");
    list.replaceChildren(...refused().map((one) => {
      const entry = document.createElement("li");
      entry.textContent = "Not kept: " + (one.name || one.establishment_id) + ", " + WORDS[one.decision] + (one.reason ? ": " + one.reason : "") + " (week of " + one.week + "). " + one.detail;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = "Read";
      button.addEventListener("click", () => {
        keepRefused(refused().filter((other) => other.idempotency_key !== one.idempotency_key));
      });
      entry.append(button);
      return entry;
    }));
  }

  function isTheSame(one, other) {
    return ["week", "establishment_id", "decision", "inspector", "reason"].every((name) => one[name] === other[name]);
  }

  function tell(message) {
    const count = waiting().length;
    const line = document.getElementById("network");
    const parts = [];
    if (message) {
      parts.push(message);
    }
    if (!navigator.onLine) {
      parts.push("No network: the page works, decisions wait.");
    }
    if (count) {
      parts.push(count === 1 ? "1 decision waits to be sent." : count + " decisions wait to be sent.");
    }
    line.textContent = parts.join(" ");
    line.classList.toggle("warn", parts.length > 0);
  }

  function stopOf(establishment) {
    return [...document.querySelectorAll(".stop")].find((stop) => stop.dataset.establishment === establishment);
  }

  function show(establishment, text, isDecided, word) {
    const stop = stopOf(establishment);
    if (!stop) {
      return;
    }
    stop.querySelector(".state").textContent = text;
    stop.querySelector(".state").dataset.state = word || "";
    stop.classList.toggle("decided", isDecided);
  }

  function decide(stop, word, reason) {
    const decision = {
      week: main.dataset.week,
      establishment_id: stop.dataset.establishment,
      decision: word,
      idempotency_key: crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + "-" + String(Math.random()).slice(2),
    };
    // What the reason is asked for against is settled by the server, by who has the visit there.
    if (main.dataset.inspector) {
      decision.inspector = main.dataset.inspector;
    }
    if (reason) {
      decision.reason = reason;
    }
    show(decision.establishment_id, WORDS[word] + " (waits to be sent)", true, word);
    const last = waiting().filter((one) => one.week === decision.week && one.establishment_id === decision.establishment_id).pop();
    if (!last || !isTheSame(last, decision)) {
      keep([...waiting(), decision]);
    }
    send();
  }

  async function send() {
    if (isSending || !waiting().length) {
      return;
    }
    if (!sessionStorage.getItem(KEY)) {
      askForKey();
      return;
    }
    isSending = true;
    let message = "";
    try {
      while (waiting().length) {
        const [first] = waiting();
        const { week, ...decision } = first;
        const answer = await fetch(base + "plan/" + week + "/decisions", {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-API-Key": sessionStorage.getItem(KEY) },
          body: JSON.stringify({ decisions: [decision] }),
        });
        if (answer.status === 401 || answer.status === 403) {
          sessionStorage.removeItem(KEY);
          message = (await answer.json()).detail;
          break;
        }
        if (answer.status >= 500) {
          message = "The server is away for now.";
          break;
        }
        const document_ = await answer.json();
        if (answer.status === 429) {
          message = document_.detail;
          break;
        }
        // Refused for good it is shown until it was read; first, for what is neither here nor there would be lost.
        if (!answer.ok && !document_.is_decided) {
          const stop = stopOf(first.establishment_id);
          const name = stop ? stop.querySelector("h3").textContent : "";
          keepRefused([...refused(), { ...first, name: name, detail: document_.detail }]);
        }
        keep(waiting().filter((one) => one.idempotency_key !== first.idempotency_key));
        if (answer.ok) {
          const made = document_.decisions[0];
          show(made.establishment_id, WORDS[made.decision] + (made.reason ? ": " + made.reason : "") + " (" + made.decided_by + ")", true, made.decision);
        } else if (document_.is_decided) {
          show(first.establishment_id, WORDS[first.decision] + " (kept before)", true, first.decision);
        } else {
          show(first.establishment_id, "Not kept: " + document_.detail, false);
        }
      }
    } catch {
      message = "";
    }
    isSending = false;
    tell(message);
  }

  function form(title, type, place, then) {
    document.querySelectorAll(".ask").forEach((other) => other.remove());
    const asked = document.createElement("form");
    asked.className = "ask";
    const label = document.createElement("label");
    label.textContent = title;
    const field = document.createElement("input");
    field.type = type;
    field.required = true;
    field.maxLength = 400;
    field.autocomplete = "off";
    const button = document.createElement("button");
    button.className = "button main";
    button.textContent = "OK";
    label.append(field);
    asked.append(label, button);
    asked.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) {
        asked.remove();
        then(field.value.trim());
      }
    });
    place.append(asked);
    field.focus();
  }

  function askForKey() {
    form("Your writer's key", "password", document.querySelector("header"), (key) => {
      sessionStorage.setItem(KEY, key);
      send();
    });
  }

  function showDay(day) {
    document.querySelectorAll("section.day").forEach((section) => {
      section.hidden = section.dataset.day !== day;
    });
    document.querySelectorAll("#days button").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.day === day));
    });
  }

  function offerDays() {
    const sections = [...document.querySelectorAll("section.day")];
    const names = sections.map((section) => section.querySelector("h2").textContent.split(" ")[0]);
    sections.forEach((section, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.day = section.dataset.day;
      button.textContent = names[place].slice(0, 3);
      button.addEventListener("click", () => showDay(section.dataset.day));
      document.getElementById("days").append(button);
    });
    const now = new Date();
    const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    const first = sections.find((section) => section.dataset.day === today) || sections.find((section) => section.querySelector(".stop")) || sections[0];
    if (first) {
      showDay(first.dataset.day);
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) {
      window.print();
      return;
    }
    const button = event.target.closest("[data-decide]");
    if (!button) {
      return;
    }
    const stop = button.closest(".stop");
    const word = button.dataset.decide;
    if (NEEDS_REASON.includes(word)) {
      form("Why?", "text", stop, (reason) => decide(stop, word, reason));
    } else {
      decide(stop, word);
    }
  });

  if (main) {
    offerDays();
    waiting().forEach((one) => show(one.establishment_id, WORDS[one.decision] + " (waits to be sent)", true, one.decision));
    tell();
    showRefused();
    window.addEventListener("online", () => { tell(); send(); });
    window.addEventListener("offline", () => tell());
    if (sessionStorage.getItem(KEY)) {
      send();
    }
    if ("serviceWorker" in navigator) {
      // The page that brings the worker was not asked for through it, so it is kept from here.
      navigator.serviceWorker.register(base + "my-day/worker.js", { scope: base + "my-day/" })
        .then(() => navigator.serviceWorker.ready)
        .then(() => caches.open(KEPT))
        .then((kept) => kept.addAll([location.href, base + "my-day/my_day.js", base + "my-day/my_day.css"]))
        .then(() => { document.documentElement.dataset.kept = "1"; })
        .catch((error) => console.warn("My day will not open without a network:", error.message));
    }
  }
})();
