/* A map on a plain canvas: fifteen thousand points, or the routes of a week, in a few milliseconds in any browser.

   The payload comes from monitor/figures/city_map.py. Positions are Web Mercator, 0 to 1 over the world. Colours
   are those of the legend, so that the style sheet alone knows the theme. */
(function () {
  "use strict";

  const LARGEST_SCALE = 2 ** 28; // Pixels per world.
  const REACH = 12; // Pixels from which a pointer finds a point.

  let points = null;
  let view = null; // Centre and pixels per world.
  let isWhole = true; // Nobody has moved or zoomed it yet.
  let selected = "";
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
    const lines = (text) => (data.count ? text.split("\n") : []);
    return Object.assign({}, data, {
      ids: lines(data.ids),
      names: lines(data.names),
      x: numbers(data.x, Float64Array),
      y: numbers(data.y, Float64Array),
      colour: numbers(data.colour, Uint8Array),
      ringed: numbers(data.ringed, Uint8Array),
      ranks: data.ranks && numbers(data.ranks, Int32Array),
      scores: data.scores && numbers(data.scores, Uint16Array),
    });
  }

  /* What is said of a point beside its name. */
  function fact(index) {
    if (points.facts) {
      return points.facts[index];
    }
    const score = (points.scores[index] / 10).toFixed(1);
    const listed = points.ringed[index] ? ", on the list" : "";
    return `Rank ${points.ranks[index].toLocaleString("en")}, score ${score}%${listed}`;
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

  function colours(element) {
    const style = getComputedStyle(element);
    const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
    return {
      steps: [...document.querySelectorAll(".map-legend .colour")].map((part) => getComputedStyle(part).backgroundColor),
      ink: style.color,
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
    const palette = colours(element);
    context.fillStyle = palette.water;
    context.fillRect(0, 0, width, height);
    window.monitorMapUnder.draw(points, redraw, { context, palette, view, width, height });
    drawPoints(context, palette, width, height);
    element.dataset.drawn = String(points.count);
  }

  function drawPoints(context, palette, width, height) {
    const whole = wholeView(canvas());
    const size = Math.min(2.1 * Math.max(1, (view.scale / whole.scale) ** 0.45) * (points.count < 2000 ? 1.7 : 1), 9);
    const place = (x, y) => [(x - view.x) * view.scale + width / 2, (y - view.y) * view.scale + height / 2];
    const placeOf = (index) => place(points.x[index], points.y[index]);
    const disc = ([x, y], radius) => {
      if (x > -radius && y > -radius && x < width + radius && y < height + radius) {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    };
    const all = [...points.x.keys()];
    palette.steps.forEach((colour, step) => {
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = points.numbers ? 2 : 1;
      context.beginPath();
      (points.routes || [])
        .filter((route) => route.colour === step)
        .forEach((route) => {
          for (let at = 0; at < route.line.length; at += 2) {
            context[at ? "lineTo" : "moveTo"](...place(route.line[at], route.line[at + 1]));
          }
        });
      context.stroke();
      context.beginPath();
      all.filter((index) => points.colour[index] === step).forEach((index) => disc(placeOf(index), size));
      context.fill();
    });
    context.strokeStyle = context.fillStyle = palette.ink;
    context.lineWidth = 1;
    context.beginPath();
    all.filter((index) => points.ringed[index]).forEach((index) => disc(placeOf(index), size + 0.8));
    context.stroke();
    (points.starts || []).forEach(([east, south]) => {
      const [x, y] = place(east, south);
      context.fillRect(x - 5, y - 5, 10, 10);
    });
    if (points.numbers) {
      context.font = "600 12px " + getComputedStyle(document.body).fontFamily;
      context.textAlign = "center";
      all.forEach((index) => {
        const [x, y] = placeOf(index);
        context.fillText(points.numbers[index], x, y - size - 4);
      });
    }
    const chosen = points.ids.indexOf(selected);
    if (chosen >= 0) {
      context.lineWidth = 3;
      context.beginPath();
      disc(placeOf(chosen), size + 6);
      context.stroke();
    }
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
    const smallest = wholeView(canvas()).scale / 4;
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

  function showAll() {
    view = wholeView(canvas());
    isWhole = true;
    redraw();
  }

  /* What is known of the point under a pointer; nothing without one. */
  function point(event) {
    const tip = document.getElementById("map-tip");
    const element = canvas();
    const index = event ? nearest(event) : -1;
    element.classList.toggle("pointing", index >= 0);
    tip.hidden = index < 0;
    if (index < 0) {
      return;
    }
    const name = document.createElement("b");
    name.textContent = points.names[index];
    tip.replaceChildren(name, fact(index));
    const box = element.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    tip.style.left = Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 4)) + "px";
    tip.style.top = (y + tip.offsetHeight + 24 > box.height ? y - tip.offsetHeight - 12 : y + 16) + "px";
  }

  /* A click opens the establishment where the page has a place for it; elsewhere it tells what it is, as a finger
     cannot hover. */
  function choose(event) {
    const index = nearest(event);
    if (points.routes) {
      point(event);
    } else if (index >= 0) {
      window.monitorRouter.set({ establishment: points.ids[index] });
    }
  }

  function listen(element) {
    window.monitorMapHands.listen(element, { move, zoom, showAll, point, choose });
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
        view = { x: 0.5, y: 0.5, scale: 256 };
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
