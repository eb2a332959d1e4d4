/* The queue's map, on a plain canvas: fifteen thousand points in a few milliseconds, in any browser.

   The payload comes from monitor/figures/queue.py. Positions are Web Mercator, 0 to 1 over the
   world, so that raster tiles, where the settings name a server, lie under the points. */
(function () {
  "use strict";

  const TILE = 256;
  const DEEPEST_TILES = 19;
  const LARGEST_SCALE = TILE * 2 ** 20;
  const REACH = 12; // Pixels from which a pointer finds a point.

  let points = null;
  let view = null; // Centre and pixels per world.
  let isWhole = true; // Nobody has moved or zoomed it yet.
  let selected = "";
  let tiles = new Map();
  let ground = null; // What lies under the points, asked for once.
  let frame = 0;

  function numbers(text, Kind) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Kind(bytes.buffer);
  }

  function canvas() {
    return document.getElementById("map-canvas");
  }

  /* The canvas once it has something to draw: it is on the page before its points are, and a change of
     theme or of the address may come in between. */
  function readyCanvas() {
    const element = canvas();
    return element && element.dataset.listening ? element : null;
  }

  function unpack(data) {
    return {
      count: data.count,
      x: numbers(data.x, Float64Array),
      y: numbers(data.y, Float64Array),
      score: numbers(data.score, Float32Array),
      rank: numbers(data.rank, Int32Array),
      listed: numbers(data.listed, Uint8Array),
      ids: data.ids,
      names: data.names,
      ground: data.ground,
      tiles: data.tiles,
      steps: data.steps,
    };
  }

  /* The frame that shows all points but for the few that lie far out. */
  function wholeView(element) {
    const bounds = ["x", "y"].map((axis) => {
      const sorted = Float64Array.from(points[axis]).sort();
      const edge = Math.floor(sorted.length * 0.002);
      return [sorted[edge], sorted[sorted.length - 1 - edge]];
    });
    const [[left, right], [top, bottom]] = bounds;
    const scale = Math.min(
      (element.clientWidth * 0.92) / Math.max(right - left, 1e-5),
      (element.clientHeight * 0.92) / Math.max(bottom - top, 1e-5)
    );
    return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.min(scale, LARGEST_SCALE) };
  }

  function colours() {
    const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
    return {
      steps: points.steps.slice(1).map((_, step) => of(".map-legend .step-" + step, "backgroundColor")),
      ink: of(".map-legend .ring", "borderTopColor"),
      soft: of(".map-legend", "color"),
      water: of(".map-frame", "backgroundColor"),
      land: of(".map-frame .land", "backgroundColor"),
      border: of(".map-frame .land", "borderTopColor"),
    };
  }

  function redraw() {
    if (!frame) {
      frame = window.requestAnimationFrame(draw);
    }
  }

  function draw() {
    frame = 0;
    const element = readyCanvas();
    if (!element || !element.clientWidth) {
      return;
    }
    const density = window.devicePixelRatio || 1;
    const width = element.clientWidth;
    const height = element.clientHeight;
    element.width = Math.round(width * density);
    element.height = Math.round(height * density);
    const context = element.getContext("2d");
    context.scale(density, density);
    const palette = colours();
    context.fillStyle = palette.water;
    context.fillRect(0, 0, width, height);
    if (points.tiles) {
      drawTiles(context, width, height);
    } else if (ground) {
      drawGround(context, palette, width, height);
    }
    const whole = wholeView(element);
    const size = Math.min(2.1 * Math.max(1, (view.scale / whole.scale) ** 0.45) * (points.count < 2000 ? 1.7 : 1), 9);
    const place = (index) => [
      (points.x[index] - view.x) * view.scale + width / 2,
      (points.y[index] - view.y) * view.scale + height / 2,
    ];
    const groups = palette.steps.map(() => []);
    for (let index = 0; index < points.count; index += 1) {
      const step = points.steps.findIndex((edge, at) => at > 0 && points.score[index] < edge) - 1;
      groups[step < 0 ? groups.length - 1 : step].push(index);
    }
    groups.forEach((group, step) => {
      context.fillStyle = palette.steps[step];
      context.beginPath();
      group.forEach((index) => disc(context, place(index), size, width, height));
      context.fill();
    });
    context.strokeStyle = palette.ink;
    context.lineWidth = 1;
    context.beginPath();
    for (let index = 0; index < points.count; index += 1) {
      if (points.listed[index]) {
        disc(context, place(index), size + 0.8, width, height);
      }
    }
    context.stroke();
    const chosen = points.ids.indexOf(selected);
    if (chosen >= 0) {
      context.lineWidth = 3;
      context.beginPath();
      disc(context, place(chosen), size + 6, width, height);
      context.stroke();
    }
    element.dataset.drawn = String(points.count);
  }

  function disc(context, [x, y], radius, width, height) {
    if (x > -radius && y > -radius && x < width + radius && y < height + radius) {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }

  /* The city's boundaries; without them the ground around its places. */
  function drawGround(context, palette, width, height) {
    const across = (x) => (x - view.x) * view.scale + width / 2;
    const down = (y) => (y - view.y) * view.scale + height / 2;
    context.fillStyle = palette.land;
    context.beginPath();
    (ground.rings || []).forEach((ring) => {
      for (let at = 0; at < ring.length; at += 2) {
        context[at ? "lineTo" : "moveTo"](across(ring[at]), down(ring[at + 1]));
      }
    });
    const cells = ground.cells || [];
    for (let at = 0; at < cells.length; at += 2) {
      disc(context, [across(cells[at]), down(cells[at + 1])], ground.reach * view.scale, width, height);
    }
    context.fill(cells.length ? "nonzero" : "evenodd");
    if (ground.rings) {
      context.strokeStyle = palette.border;
      context.lineWidth = 1;
      context.stroke();
    }
    drawLabels(context, palette, across, down);
  }

  /* Names of areas where there is room for them, those with most places first. */
  function drawLabels(context, palette, across, down) {
    const taken = [];
    context.fillStyle = palette.soft;
    context.font = "11px " + getComputedStyle(document.body).fontFamily;
    context.textAlign = "center";
    (ground.labels || []).forEach(([east, south, text]) => {
      const x = across(east);
      const y = down(south);
      if (taken.every(([left, top]) => Math.abs(left - x) > 48 || Math.abs(top - y) > 20)) {
        taken.push([x, y]);
        context.fillText(text, x, y);
      }
    });
  }

  async function askForGround() {
    const response = await window.fetch(points.ground);
    ground = response.ok ? await response.json() : {};
    redraw();
  }

  function drawTiles(context, width, height) {
    const zoom = Math.max(0, Math.min(DEEPEST_TILES, Math.round(Math.log2(view.scale / TILE))));
    const size = view.scale / 2 ** zoom;
    const left = (view.x * view.scale - width / 2) / size;
    const top = (view.y * view.scale - height / 2) / size;
    for (let column = Math.floor(left); column * size < left * size + width; column += 1) {
      for (let row = Math.max(0, Math.floor(top)); row * size < top * size + height && row < 2 ** zoom; row += 1) {
        const image = tile(zoom, column, row);
        if (image.complete && image.naturalWidth) {
          context.drawImage(image, (column - left) * size, (row - top) * size, size + 0.5, size + 0.5);
        }
      }
    }
  }

  function tile(zoom, column, row) {
    const key = [zoom, column, row].join("/");
    if (!tiles.has(key)) {
      const image = new Image();
      image.onload = redraw;
      image.src = points.tiles
        .replace("{z}", zoom)
        .replace("{x}", column)
        .replace("{y}", row)
        .replace("{s}", "abc"[(column + row) % 3]);
      tiles.set(key, image);
    }
    return tiles.get(key);
  }

  function nearest(event) {
    const element = canvas();
    const box = element.getBoundingClientRect();
    const x = (event.clientX - box.left - box.width / 2) / view.scale + view.x;
    const y = (event.clientY - box.top - box.height / 2) / view.scale + view.y;
    let best = -1;
    let least = (REACH / view.scale) ** 2;
    for (let index = 0; index < points.count; index += 1) {
      const distance = (points.x[index] - x) ** 2 + (points.y[index] - y) ** 2;
      // Of points on one spot the one drawn last is meant: it lies on top.
      if (distance <= least) {
        least = distance;
        best = index;
      }
    }
    return best;
  }

  function zoom(factor, around) {
    const element = canvas();
    const smallest = wholeView(element).scale / 4;
    const scale = Math.max(smallest, Math.min(LARGEST_SCALE, view.scale * factor));
    const shift = 1 / view.scale - 1 / scale;
    const [x, y] = around || [0, 0];
    view = { x: view.x + x * shift, y: view.y + y * shift, scale: scale };
    isWhole = false;
    redraw();
  }

  function move(right, down) {
    view = { x: view.x + right / view.scale, y: view.y + down / view.scale, scale: view.scale };
    isWhole = false;
    redraw();
  }

  function showTip(event, index) {
    const tip = document.getElementById("map-tip");
    const element = canvas();
    element.classList.toggle("pointing", index >= 0);
    tip.hidden = index < 0;
    if (index < 0) {
      return;
    }
    const name = document.createElement("b");
    name.textContent = points.names[index];
    const facts = "Rank " + points.rank[index].toLocaleString("en") + ", score " + (100 * points.score[index]).toFixed(1) + "%";
    tip.replaceChildren(name, facts + (points.listed[index] ? ", on the list" : ""));
    const box = element.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    tip.style.left = Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 4)) + "px";
    tip.style.top = (y + tip.offsetHeight + 24 > box.height ? y - tip.offsetHeight - 12 : y + 16) + "px";
  }

  function listen(element) {
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
      zoom(after.apart / Math.max(before.apart, 1), [before.x, before.y]);
      move(before.x - after.x, before.y - after.y);
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
        showTip(event, nearest(event));
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
        showTip(event, -1);
        move(right, down);
      }
    });
    element.addEventListener("pointerup", function (event) {
      fingers.delete(event.pointerId);
      const index = pressed && pressed.moved <= 4 ? nearest(event) : -1;
      pressed = null;
      element.classList.remove("moving");
      if (index >= 0) {
        window.monitorRouter.set({ establishment: points.ids[index] });
      }
    });
    ["pointerleave", "pointercancel"].forEach((name) =>
      element.addEventListener(name, function (event) {
        fingers.delete(event.pointerId);
        pressed = null;
        element.classList.remove("moving");
        showTip(event, -1);
      })
    );
    element.addEventListener(
      "wheel",
      function (event) {
        event.preventDefault();
        const box = element.getBoundingClientRect();
        const around = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
        zoom(Math.exp(-event.deltaY * 0.0015), around);
      },
      { passive: false }
    );
    element.addEventListener("keydown", function (event) {
      const steps = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
      if (steps[event.key]) {
        move(...steps[event.key]);
      } else if (event.key === "+" || event.key === "=") {
        zoom(1.5);
      } else if (event.key === "-") {
        zoom(1 / 1.5);
      } else if (event.key === "0") {
        showAll();
      } else {
        return;
      }
      event.preventDefault();
    });
    new ResizeObserver(function (_, observer) {
      if (!element.isConnected) {
        observer.disconnect(); // Its page was left.
      } else if (isWhole && points.count) {
        showAll();
      } else {
        redraw();
      }
    }).observe(element);
  }

  function showAll() {
    view = wholeView(canvas());
    isWhole = true;
    redraw();
  }

  function whereIs(id) {
    const element = readyCanvas();
    const index = element ? points.ids.indexOf(id) : -1;
    return index < 0
      ? null
      : [
          (points.x[index] - view.x) * view.scale + element.clientWidth / 2,
          (points.y[index] - view.y) * view.scale + element.clientHeight / 2,
        ];
  }

  /* Mark an establishment, and bring it into sight. */
  function select(id) {
    selected = id;
    const place = whereIs(id);
    if (place && !isWhole) {
      const [x, y] = place;
      const element = canvas();
      if (x < 0 || y < 0 || x > element.clientWidth || y > element.clientHeight) {
        move(x - element.clientWidth / 2, y - element.clientHeight / 2);
      }
    }
    redraw();
  }

  function dataChanged(data) {
    if (!data) {
      return 0;
    }
    points = unpack(data);
    if (!ground && points.ground && !points.tiles) {
      askForGround();
    }
    selected = window.monitorRouter.get("establishment");
    // The canvas is drawn by React in the same turn as the data; wait for it.
    window.requestAnimationFrame(function () {
      const element = canvas();
      if (!element) {
        return;
      }
      if (!element.dataset.listening) {
        element.dataset.listening = "1";
        listen(element);
      }
      if (points.count) {
        showAll();
      } else {
        view = { x: 0.5, y: 0.5, scale: TILE };
        redraw();
      }
    });
    return points.count;
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-map]");
    if (button && view) {
      ({ in: () => zoom(1.6), out: () => zoom(1 / 1.6), all: showAll })[button.dataset.map]();
    }
  });
  document.addEventListener("monitor-theme", redraw);

  window.monitorMap = { select: select, whereIs: whereIs };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { monitorMap: { dataChanged: dataChanged } });
})();
