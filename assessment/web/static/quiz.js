// Small comforts. Every page works without this file; it stores nothing and reads no storage.
"use strict";

// What is wrong is the first thing a screen reader should hear.
document.getElementById("errors")?.focus();

// A second tap must not send a form twice. Not at once: the pressed button's own value has yet to be read.
const buttons = () => document.querySelectorAll("button:not([type=button])");
const rest = (resting) => buttons().forEach((button) => (button.disabled = resting));
document.addEventListener("submit", () => {
  setTimeout(rest, 0, true);
  setTimeout(rest, 5000, false);
});
addEventListener("pageshow", () => rest(false));

// The link for later can be copied with one tap.
const field = document.getElementById("resume");
if (field && navigator.clipboard) {
  const copy = document.createElement("button");
  copy.type = "button";
  copy.textContent = "Copy the link";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied";
    } catch {
      field.select();
      said.textContent = "Selected: copy it with your keyboard or menu";
    }
  });
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  field.after(copy, said);
}

// A link to a folded step opens it, and everything it lies in.
const unfold = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();
