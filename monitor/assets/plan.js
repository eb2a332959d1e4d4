/* The plan's slider, and the dialog in which a writer decides on a visit.

   The writer's key stays in this tab's session and goes with decisions only. */
(function () {
  "use strict";

  const KEY = "food-inspections-writer";
  const WORDS = [
    ["done", "Done"],
    ["swapped", "Swap: another inspector takes it"],
    ["postponed", "Postpone"],
    ["skipped", "Skip"],
    ["closed", "Found closed"],
    ["wrong_address", "Wrong address"],
  ];
  const NEEDS_REASON = ["swapped", "postponed", "skipped"];

  document.addEventListener("input", function (event) {
    const slider = event.target.closest(".capacity input");
    if (!slider) {
      return;
    }
    const box = slider.closest(".capacity");
    const visits = Number(slider.value);
    const found = Math.round(JSON.parse(box.dataset.findings)[visits - 1]);
    box.querySelector("output").textContent =
      visits.toLocaleString("en") + (visits === 1 ? " visit finds" : " visits find") +
      " about " + found.toLocaleString("en") + (found === 1 ? " failure" : " failures");
  });

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function field(label, input) {
    return element("label", { className: "field" }, element("span", { textContent: label }), input);
  }

  function choice(options) {
    const made = element("select", {});
    options.forEach(([value, label]) => made.append(element("option", { value: value, textContent: label })));
    return made;
  }

  function open(button) {
    const plan = button.closest("[data-plan]");
    const atWork = JSON.parse(plan.dataset.inspectors)[button.dataset.day] || [];
    const others = atWork.filter((name) => name !== button.dataset.holder);
    const word = choice(WORDS.filter(([value]) => value !== "swapped" || others.length));
    const taker = choice(others.map((name) => [name, name]));
    const reason = element("input", { type: "text", maxLength: 400, autocomplete: "off" });
    const key = element("input", { type: "password", required: true, autocomplete: "off", value: sessionStorage.getItem(KEY) || "" });
    const message = element("p", { className: "dialog-message" });
    message.setAttribute("role", "alert");
    const takerField = field("Who takes it", taker);
    const cancel = element("button", { type: "button", className: "button small", textContent: "Cancel" });
    const keep = element("button", { type: "submit", className: "button small main", textContent: "Keep the decision" });
    const form = element(
      "form", {},
      element("h2", { textContent: button.dataset.name }),
      element("p", { className: "about", textContent: "With " + button.dataset.holder + "." }),
      field("Decision", word), takerField, field("Reason", reason), field("Writer's key", key), message,
      element("div", { className: "dialog-buttons" }, cancel, keep)
    );
    const dialog = element("dialog", { className: "decide" }, form);
    const identity = crypto.randomUUID ? () => crypto.randomUUID() : () => Date.now() + "-" + String(Math.random()).slice(2);
    let sent = null;

    function follow() {
      takerField.hidden = word.value !== "swapped";
      reason.required = NEEDS_REASON.includes(word.value);
    }
    word.addEventListener("change", follow);
    follow();
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); button.focus(); });
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      const decision = { establishment_id: button.dataset.line, decision: word.value };
      if (word.value === "swapped") {
        decision.inspector = taker.value;
      }
      if (reason.value.trim()) {
        decision.reason = reason.value.trim();
      }
      // The same decision tried again keeps its key; a changed one is another decision.
      const content = JSON.stringify(decision);
      sent = sent && sent.content === content ? sent : { content: content, key: identity() };
      decision.idempotency_key = sent.key;
      keep.disabled = true;
      try {
        const base = location.pathname.replace(/plan\/?$/, "");
        const answer = await fetch(base + "plan/" + plan.dataset.plan + "/decisions", {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-API-Key": key.value },
          body: JSON.stringify({ decisions: [decision] }),
        });
        const said = await answer.json();
        if (answer.ok) {
          sessionStorage.setItem(KEY, key.value);
          location.reload();
          return;
        }
        message.textContent = said.detail;
      } catch {
        message.textContent = "The dashboard does not answer: try again. A decision that did arrive is not kept twice.";
      }
      keep.disabled = false;
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("button[data-line]");
    if (button) {
      open(button);
    }
  });
})();
