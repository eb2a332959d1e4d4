/* What lies under the points of a map: the city's boundaries, or the ground around its places, or raster tiles
   where the settings name a server of them. */
(function () {
  "use strict";

  const TILE = 256;
  const DEEPEST_TILES = 19;
  const ASK_AGAIN_MS = 30000;

  const images = new Map();
  let ground = null; // Asked for once.

  async function ask(address, redraw) {
    ground = {};
    const response = await window.fetch(address).catch(() => null);
    if (response && response.ok) {
      ground = await response.json();
    } else {
      window.setTimeout(() => ask(address, redraw), ASK_AGAIN_MS);
    }
    redraw();
  }

  function disc(context, x, y, radius, width, height) {
    if (x > -radius && y > -radius && x < width + radius && y < height + radius) {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }

  /* The city's boundaries; without them the ground around its places. */
  function drawGround({ context, palette, view, width, height }) {
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
      disc(context, across(cells[at]), down(cells[at + 1]), ground.reach * view.scale, width, height);
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

  function drawTiles(address, redraw, { context, view, width, height }) {
    const zoom = Math.max(0, Math.min(DEEPEST_TILES, Math.round(Math.log2(view.scale / TILE))));
    const size = view.scale / 2 ** zoom;
    const left = (view.x * view.scale - width / 2) / size;
    const top = (view.y * view.scale - height / 2) / size;
    for (let column = Math.floor(left); column * size < left * size + width; column += 1) {
      for (let row = Math.max(0, Math.floor(top)); row * size < top * size + height && row < 2 ** zoom; row += 1) {
        const image = tile(address, redraw, zoom, column, row);
        if (image.complete && image.naturalWidth) {
          context.drawImage(image, (column - left) * size, (row - top) * size, size + 0.5, size + 0.5);
        }
      }
    }
  }

  function tile(address, redraw, zoom, column, row) {
    const key = [zoom, column, row].join("/");
    if (!images.has(key)) {
      const image = new Image();
      image.onload = redraw;
      image.src = address
        .replace("{z}", zoom)
        .replace("{x}", column)
        .replace("{y}", row)
        .replace("{s}", "abc"[(column + row) % 3]);
      images.set(key, image);
    }
    return images.get(key);
  }

  window.monitorMapUnder = {
    /* Draw it on a canvas of so many pixels, for a view of it. */
    draw: function (sources, redraw, canvas) {
      if (sources.tiles) {
        drawTiles(sources.tiles, redraw, canvas);
      } else if (ground) {
        drawGround(canvas);
      } else if (sources.ground) {
        ask(sources.ground, redraw);
      }
    },
  };
})();
