// For a page in a frame: tells the page around it how high this one is and how far the visitor is. Never an answer.
(() => {
  "use strict";
  if (parent === window) return;
  const app = document.getElementById("app");
  const { host, kind, step, of, place } = app.dataset;
  const say = (kind, more) => parent.postMessage({ ns: "assessment", v: 1, kind, ...more }, host || "*");

  say("ready");
  let last = 0;
  const measure = () => {
    const height = Math.ceil(app.getBoundingClientRect().height);
    if (height !== last) say("height", { height });
    last = height;
  };
  measure();
  new ResizeObserver(measure).observe(app);

  if (host && (place || kind === "done")) say("place", { place: place || "" });
  if (step) say("step", { step: +step, of: +of });
  for (const said of ["complete", "lead"]) if (said in app.dataset) say(said);
  addEventListener("keydown", (event) => event.key === "Escape" && say("close"));

  // A frame sandboxed without allow-forms drops every form unsaid, so a form of our own finds out.
  const make = (tag, ...inside) => {
    const element = document.createElement(tag);
    element.append(...inside);
    return element;
  };
  const probe = make("form");
  let sends = false;
  probe.addEventListener("submit", (event) => {
    sends = true;
    event.preventDefault();
    event.stopPropagation();
  });
  app.append(probe);
  probe.requestSubmit();
  probe.remove();
  if (sends) return;
  const link = make("a", "Open the check in a new tab");
  link.href = location.pathname;
  link.target = "_blank";
  const box = make(
    "section",
    make("h2", "Answers cannot be sent from here"),
    make("p", "The website around this check blocks its buttons. In a tab of its own it works."),
    make("p", link),
    make("p", "If the link does nothing, copy this address into a new tab: ", link.href)
  );
  box.className = "box";
  for (const form of document.forms) form.hidden = true;
  document.querySelector("main").prepend(box);
})();
