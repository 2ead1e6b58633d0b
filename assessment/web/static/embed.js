// Puts a check on somebody else's page: makes its frame, keeps the frame as high as what it shows, says how far it is.
// The only thing kept is the address of the place the visitor has reached, in the host page's own sessionStorage.
(() => {
  "use strict";
  const script = document.currentScript || document.querySelector('script[src*="/embed.js"]');
  const ORIGIN = new URL(script.src).origin;
  const PASSED = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "ref"];
  const PRINTABLE = /^\P{C}{1,200}$/u;
  const PLACE = /^\/[tr]\/[A-Za-z0-9_-]{43}$/;
  const REST = 34; // milliseconds between two heights: at most 30 a second
  const QUIET = 500; // milliseconds a page has after loading to say that it is there
  const PATIENCE = 3000; // milliseconds a kept place has to show itself before the first page takes over

  const FRAME =
    "display:block;width:100%;max-width:none;min-width:0;max-height:none;min-height:0;margin:0;padding:0;border:0;";
  const DIALOG =
    "box-sizing:border-box;width:46rem;height:54rem;max-width:100%;max-height:100%;padding:0;border:0;" +
    "overflow:hidden;color-scheme:light dark;background:Canvas;";
  const CLOSE =
    "display:block;width:auto;height:3rem;margin:0 0 0 auto;padding:0 1.25rem;border:0;background:none;" +
    "color:CanvasText;font:1rem system-ui,sans-serif;text-transform:none;cursor:pointer;outline-offset:-3px;";

  // Reading or writing storage throws where the visitor's browser forbids it.
  const storage = (use) => {
    try {
      return use(sessionStorage);
    } catch (forbidden) {
      return null;
    }
  };

  const address = (slug, mode) => {
    const query = new URLSearchParams({ embed: mode, host: location.origin });
    const given = new URLSearchParams(location.search);
    for (const key of PASSED) if (PRINTABLE.test(given.get(key) || "")) query.set(key, given.get(key));
    return `${ORIGIN}/q/${encodeURIComponent(slug)}?${query}`;
  };

  const make = (tag, style) => {
    const element = document.createElement(tag);
    element.style.cssText = style.replace(/;/g, "!important;"); // the host page's styles stay outside
    return element;
  };

  const heighten = (frame, height) => frame.style.setProperty("height", height, "important");

  const titleOf = (marker) => marker.dataset.title || "IT health check";

  const frameOf = (marker, mode, on) => {
    const slug = marker.dataset.assessment;
    const key = "assessment:" + slug;
    const keeps = marker.dataset.keep !== "no";
    const kept = keeps && storage((s) => s.getItem(key));
    const first = address(slug, mode);
    const frame = make("iframe", FRAME);
    let ready = false;
    let due = 0; // pages that have loaded and not said so yet
    let waiting = 0;

    const tell = (kind, detail) => {
      marker.dispatchEvent(new CustomEvent("assessment:" + kind, { bubbles: true, detail: { slug, ...detail } }));
    };
    const count = (kind) => {
      tell(kind);
      if (!("datalayer" in marker.dataset)) return;
      window.dataLayer = window.dataLayer || [];
      window.dataLayer.push({ event: "assessment_" + kind, slug });
    };

    addEventListener("message", ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== ORIGIN || !data) return;
      if (data.ns !== "assessment" || data.v !== 1) return;
      const { kind, height, step, of, place } = data;
      if (kind === "height") on.height(height);
      if (kind === "close") on.close();
      if (ready && (kind === "ready" || kind === "step")) on.page();
      if (kind === "ready") due -= 1;
      if (kind === "ready" && !ready) {
        ready = true;
        on.ready();
        tell(kind);
      }
      if (kind === "step" && step > 0 && of > 0) tell(kind, { step: +step, of: +of });
      if (kind === "complete" || kind === "lead") count(kind);
      if (kind === "place" && keeps && PLACE.test(place)) storage((s) => s.setItem(key, place));
      if (kind === "place" && place === "") storage((s) => s.removeItem(key));
    });

    // A page that says nothing, such as an error or a PDF, gets the usual height and scrolls inside.
    frame.addEventListener("load", () => {
      due = Math.max(due + 1, 0);
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        if (due < 1) return;
        due = 0;
        if (ready) on.silence();
      }, QUIET);
    });
    frame.title = titleOf(marker);
    frame.allow = "clipboard-write";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    if (mode === "inline") frame.loading = "lazy";
    frame.src = first;
    if (PLACE.test(kept)) {
      frame.src = ORIGIN + kept;
      const check = () => ready || (frame.src = first);
      frame.addEventListener("load", () => setTimeout(check, PATIENCE), { once: true });
    }
    return frame;
  };

  const nothing = () => {};
  const DEAF = { height: nothing, page: nothing, silence: nothing, ready: nothing };

  const inline = (marker) => {
    const usual = +marker.dataset.height || 600;
    let shown = 0;
    let wanted = 0;
    let resting = 0;
    const fit = () => {
      resting = 0;
      if (Math.abs(wanted - shown) < 2) return;
      shown = wanted;
      heighten(frame, shown + "px");
      resting = setTimeout(fit, REST);
    };
    const height = (pixels) => {
      if (typeof pixels !== "number" || !isFinite(pixels)) return;
      wanted = Math.min(Math.max(Math.ceil(pixels), 120), 20000);
      if (!resting) fit();
    };
    const page = () => {
      if (frame.getBoundingClientRect().top < 0) marker.scrollIntoView({ block: "start" });
    };
    const silence = () => {
      height(usual);
      page();
    };
    // The link inside the marker stays until the check has shown itself: a refused frame leaves a way in.
    const ready = () => {
      while (frame.nextSibling) frame.nextSibling.remove();
    };
    const frame = frameOf(marker, "inline", { height, page, silence, ready, close: nothing });
    height(usual);
    marker.prepend(frame);
  };

  const popup = (marker) => {
    let dialog = null;
    const build = () => {
      dialog = make("dialog", DIALOG);
      const close = make("button", CLOSE);
      const shut = () => dialog.close();
      const frame = frameOf(marker, "popup", { ...DEAF, close: shut });
      heighten(frame, "calc(100% - 3rem)");
      dialog.setAttribute("aria-label", titleOf(marker));
      close.type = "button";
      close.textContent = "Close";
      close.addEventListener("click", shut);
      dialog.addEventListener("click", (event) => event.target === dialog && shut());
      dialog.addEventListener("close", () => marker.focus());
      dialog.append(close, frame);
      document.body.append(dialog);
    };
    marker.setAttribute("aria-haspopup", "dialog");
    marker.addEventListener("click", (event) => {
      // A link still opens in a new tab when that is asked for, and where there is no <dialog>.
      if (event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
      event.preventDefault();
      if (!dialog) build();
      if (!dialog.open) dialog.showModal();
    });
  };

  const scan = () => {
    for (const marker of document.querySelectorAll("[data-assessment]")) {
      if (marker.assessment) continue; // the loader may be pasted more than once
      marker.assessment = true;
      (marker.dataset.mode === "popup" ? popup : inline)(marker);
    }
  };

  scan();
  document.addEventListener("DOMContentLoaded", scan);
})();
