/* How hands move a map: mouse, fingers, wheel and keys. The map says what a move does. */
(function () {
  "use strict";

  function listen(element, map) {
    let pressed = null;
    const fingers = new Map();
    const middle = () => {
      const [one, other] = [...fingers.values()];
      const box = element.getBoundingClientRect();
      return {
        x: (one.x + other.x) / 2 - box.left - box.width / 2,
        y: (one.y + other.y) / 2 - box.top - box.height / 2,
        apart: Math.hypot(one.x - other.x, one.y - other.y),
      };
    };
    /* Two fingers take what lies under them along. */
    function pinch(event) {
      const before = middle();
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const after = middle();
      map.zoom(after.apart / Math.max(before.apart, 1), [before.x, before.y]);
      map.move(before.x - after.x, before.y - after.y);
    }
    element.addEventListener("pointerdown", function (event) {
      if (event.pointerType === "touch") {
        fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      }
      pressed = { x: event.clientX, y: event.clientY, moved: 0 };
      if (event.pointerType === "mouse") {
        element.setPointerCapture(event.pointerId);
      }
    });
    element.addEventListener("pointermove", function (event) {
      if (fingers.size > 1 && fingers.has(event.pointerId)) {
        pressed = null;
        pinch(event);
        return;
      }
      if (!pressed) {
        map.point(event);
        return;
      }
      if (fingers.has(event.pointerId)) {
        fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      }
      const right = pressed.x - event.clientX;
      const down = pressed.y - event.clientY;
      pressed = { x: event.clientX, y: event.clientY, moved: pressed.moved + Math.abs(right) + Math.abs(down) };
      if (pressed.moved > 4) {
        element.classList.add("moving");
        map.point(null);
        map.move(right, down);
      }
    });
    element.addEventListener("pointerup", function (event) {
      fingers.delete(event.pointerId);
      const isClick = pressed && pressed.moved <= 4;
      pressed = null;
      element.classList.remove("moving");
      if (isClick) {
        map.choose(event);
      }
    });
    ["pointerleave", "pointercancel"].forEach((name) =>
      element.addEventListener(name, function (event) {
        fingers.delete(event.pointerId);
        pressed = null;
        element.classList.remove("moving");
        map.point(null);
      })
    );
    element.addEventListener(
      "wheel",
      function (event) {
        event.preventDefault();
        const box = element.getBoundingClientRect();
        const around = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
        map.zoom(Math.exp(-event.deltaY * 0.0015), around);
      },
      { passive: false }
    );
    element.addEventListener("keydown", function (event) {
      const steps = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
      if (steps[event.key]) {
        map.move(...steps[event.key]);
      } else if (event.key === "+" || event.key === "=") {
        map.zoom(1.5);
      } else if (event.key === "-") {
        map.zoom(1 / 1.5);
      } else if (event.key === "0") {
        map.showAll();
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  window.monitorMapHands = { listen: listen };
})();
