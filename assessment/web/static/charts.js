// Draws the charts of a page when they come near, from the numbers the page holds. Without it the tables say all.
(() => {
  "use strict";
  const AHEAD = "600px";
  const SHARP = 2; // dots of a PNG for each CSS pixel
  const address = document.currentScript.dataset.plotly;
  const charts = [...document.querySelectorAll("[data-figure]")];

  // Plotly writes style sheets into the page unless it finds elements under these names; charts.css has the rules it
  // needs, and the policy of this page forbids all others.
  for (const id of [
    "plotly.js-style-global",
    "ce8d464691048653ffe3a57c6c18ab566e8366f186677868cf724621a857b4fe",
  ]) {
    const marker = document.createElement("i");
    marker.id = id;
    marker.className = "no-inline-styles";
    marker.hidden = true;
    document.body.append(marker);
  }

  let loading = null;
  const load = () => {
    loading ||= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => resolve(window.Plotly);
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  };

  // A colour is the name of a token, such as --ink: it becomes what it stands for now, light or dark.
  const coloured = (part, tokens) => {
    if (typeof part === "string") return /^--[\w-]+$/.test(part) ? tokens.getPropertyValue(part).trim() : part;
    if (Array.isArray(part)) return part.map((one) => coloured(one, tokens));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, coloured(value, tokens)]));
  };

  const draw = async (box) => {
    const around = box.closest(".sketch");
    try {
      const plotly = await load();
      const figure = coloured(JSON.parse(box.dataset.figure), getComputedStyle(document.documentElement));
      box.hidden = false;
      const staticPlot = !figure.layout.hovermode;
      await plotly.react(box, figure.data, figure.layout, { staticPlot, responsive: true, displayModeBar: false });
      around.querySelector(".saves").hidden = false;
      const table = box.closest(".picture").querySelector(".figures");
      if (table && !box.dataset.state && !matchMedia("(min-width: 60rem)").matches) table.open = false;
      box.dataset.state = "drawn";
    } catch (error) {
      const says = around.querySelector(".failed");
      says.textContent = "The chart could not be drawn. Its numbers are in the table.";
      says.hidden = false;
    }
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target.querySelector("[data-figure]"));
      }
    },
    { rootMargin: AHEAD },
  );
  for (const box of charts) near.observe(box.closest(".picture"));

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const box of charts) if (box.dataset.state === "drawn") draw(box);
  });

  const keep = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  // As a data: address, because the policy of the page lets no image come from a blob.
  const dots = (source, width, height) =>
    new Promise((resolve, reject) => {
      const image = new Image();
      image.onerror = reject;
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = width * SHARP;
        canvas.height = height * SHARP;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(resolve, "image/png");
      };
      image.src = source;
    });

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-save]");
    if (!button) return;
    const box = button.closest(".sketch").querySelector("[data-figure]");
    const { offsetWidth: width, offsetHeight: height } = box;
    const source = await window.Plotly.toImage(box, { format: "svg", width, height });
    const name = `${box.id.replace("drawn-", "")}.${button.dataset.save}`;
    if (button.dataset.save === "png") return keep(await dots(source, width, height), name);
    const text = decodeURIComponent(source.slice(source.indexOf(",") + 1));
    return keep(new Blob([text], { type: "image/svg+xml" }), name);
  });
})();
