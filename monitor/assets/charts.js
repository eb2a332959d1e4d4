/* The charts. A figure comes with its place, in data-figure; Plotly, a third of a megabyte, comes with the first
   page that has any, or with the way to it.

   What is in sight is drawn at once, the rest when the browser has nothing else to do: nobody waits for a chart
   below the screen. Each is drawn at the size of its place, and again where that changes. */
(function () {
  "use strict";

  const CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false };
  const TRY_AGAIN_MS = 5000;
  const SHEET_WIDTH = 640; // Pixels of a panel on an upright sheet.

  let plotly = null; // The promise of it.
  let resting = 0;

  function load() {
    plotly =
      plotly ||
      new Promise(function (loaded, failed) {
        const script = document.createElement("script");
        script.src = document.getElementById("content").dataset.plotly;
        script.onload = loaded;
        script.onerror = failed;
        document.head.append(script);
      }).catch(function (error) {
        plotly = null;
        throw error;
      });
    return plotly;
  }

  /* Before there is a chart: what fails now is tried again with the chart. */
  function loadAhead() {
    load().catch(() => {});
  }

  function sizeOf(graph) {
    return { width: graph.clientWidth, height: graph.clientHeight };
  }

  function waiting() {
    return [...document.querySelectorAll(".graph:not([data-drawn])")].filter((graph) => graph.clientWidth);
  }

  function isInSight(graph) {
    const box = graph.getBoundingClientRect();
    return box.bottom > 0 && box.top < window.innerHeight;
  }

  function draw(graph) {
    const figure = JSON.parse(graph.dataset.figure);
    graph.dataset.drawn = "1";
    window.Plotly.newPlot(graph, figure.data, Object.assign(figure.layout, sizeOf(graph)), CONFIG);
  }

  function drawNext() {
    resting = 0;
    waiting().slice(0, 1).forEach(draw);
    rest();
  }

  function rest() {
    if (!resting && waiting().length) {
      // Safari knows no idle time.
      resting = window.requestIdleCallback ? window.requestIdleCallback(drawNext) : window.setTimeout(drawNext, 50);
    }
  }

  function drawWhatIsInSight() {
    waiting().filter(isInSight).forEach(draw);
    rest();
  }

  /* Those that have no size yet are drawn when they get one: their part is opened, their page is in sight again. */
  async function look() {
    document.querySelectorAll(".graph:not([data-drawn])").forEach((graph) => sizes.observe(graph));
    if (!waiting().length) {
      return;
    }
    try {
      await load();
    } catch (error) {
      window.setTimeout(look, TRY_AGAIN_MS);
      return;
    }
    drawWhatIsInSight();
  }

  const sizes = new ResizeObserver(function (changes) {
    changes.forEach(function ({ target }) {
      if (!target.isConnected) {
        sizes.unobserve(target); // Its page was left, or its part was drawn anew.
        if (target.dataset.drawn) {
          window.Plotly.purge(target);
        }
      } else if (target.clientWidth && !target.dataset.drawn) {
        look();
      } else if (target.clientWidth && target.clientWidth !== target.layout.width) {
        window.Plotly.relayout(target, sizeOf(target));
      }
    });
  });

  if (document.querySelector('link[rel="preload"][as="script"]')) {
    loadAhead();
  }
  ["pointerover", "focusin"].forEach((sign) =>
    document.addEventListener(sign, (event) => event.target.closest("[data-charts]") && loadAhead())
  );
  document.addEventListener("monitor-filled", look);
  document.addEventListener("scroll", () => (window.Plotly ? drawWhatIsInSight() : look()), { passive: true });
  /* A sheet has one column, and a chart does not change its width by itself. */
  function fit(width) {
    document.querySelectorAll(".graph[data-drawn]").forEach((graph) => {
      window.Plotly.relayout(graph, { width: width || graph.clientWidth });
    });
  }

  window.addEventListener("beforeprint", function () {
    if (window.Plotly) {
      waiting().forEach(draw);
      fit(SHEET_WIDTH);
    }
  });
  window.addEventListener("afterprint", () => fit(0));
})();
