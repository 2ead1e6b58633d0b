// Firm and brand: a preview that follows what is typed. The page works without this file.
"use strict";

const field = (name) => document.getElementById(`field-${name}`);
const parts = (name) => document.querySelectorAll(`[data-mock="${name}"]`);
const mock = document.getElementById("mock");

// The same arithmetic as tenancy/colours.py, which decides when the form is saved.
const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const luminance = (colour) => {
  const [red, green, blue] = channels(colour).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const readable = (colour, ...surfaces) => surfaces.every((surface) => contrast(colour, surface) >= 4.5);
const towards = (colour, end, ...surfaces) => {
  const from = channels(colour), to = channels(end);
  for (let step = 0; step <= 255; step++) {
    const shade = `#${from.map((a, i) => Math.round(a + ((to[i] - a) * step) / 255).toString(16).padStart(2, "0")).join("")}`;
    if (readable(shade, ...surfaces)) return shade;
  }
};
const parse = (text) => {
  const found = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
  return found && `#${found[1].length === 6 ? found[1] : found[1].replace(/./g, "$&$&")}`.toLowerCase();
};
const tenths = (ratio) => (Math.floor(10 * ratio) / 10).toFixed(1);

if (mock) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const says = document.getElementById("contrast");
  const wheel = document.createElement("input");
  Object.assign(wheel, { type: "color", id: "wheel" });
  wheel.setAttribute("aria-label", "Accent colour, chosen by eye");
  field("accent").after(wheel);

  const recolour = () => {
    const colour = parse(field("accent").value);
    if (!colour) return;
    wheel.value = colour;
    const [accent, onAccent] =
      colour === mock.dataset.standard
        ? ["--accent", "--on-accent"].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))
        : dark.matches
          ? [towards(colour, "#ffffff", "#14191e", "#1d242b"), "#0d1b28"]
          : [colour, "#ffffff"];
    mock.style.setProperty("--accent", accent);
    mock.style.setProperty("--on-accent", onAccent);
    const measured = `White letters on it have a contrast of ${tenths(contrast(colour, "#ffffff"))}:1; at least 4.5:1 is needed.`;
    says.textContent = readable(colour, "#ffffff", "#f3f5f7")
      ? `${measured} In dark mode it becomes lighter, with dark letters.`
      : `${measured} This colour is too pale to be saved. The nearest darker one that passes is ${towards(colour, "#000000", "#ffffff", "#f3f5f7")}.`;
  };
  field("accent").addEventListener("input", recolour);
  wheel.addEventListener("input", () => {
    field("accent").value = wheel.value;
    recolour();
  });
  dark.addEventListener("change", recolour);
  recolour();

  const retell = () => {
    for (const name of ["name", "contact", "action_says"])
      for (const part of parts(name)) part.textContent = field(name).value;
    for (const part of parts("contact-part")) part.hidden = !field("contact").value.trim();
    for (const part of parts("action")) part.hidden = !field("action_says").value.trim();
  };
  for (const name of ["name", "contact", "action_says"]) field(name).addEventListener("input", retell);

  field("logo").addEventListener("change", () => {
    const [file] = field("logo").files;
    if (!file || !/^image\/(png|jpeg|webp)$/.test(file.type)) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const image = document.createElement("img");
      Object.assign(image, { src: reader.result, alt: field("name").value });
      image.dataset.mock = "logo";
      const [name] = parts("name");
      for (const old of parts("logo")) old.remove();
      name.before(image);
      name.hidden = true;
    });
    reader.readAsDataURL(file);
  });
}
