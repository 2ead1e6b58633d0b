// Small comforts of the console. Every page works without this file; it stores nothing and reads no storage.
"use strict";

// Moments are written in UTC. Here they are written anew in the zone of whoever reads them, which the title names.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "your time";
const two = (number) => String(number).padStart(2, "0");
for (const moment of document.querySelectorAll("time[datetime]")) {
  const at = new Date(moment.dateTime);
  if (!moment.dateTime.endsWith("Z") || isNaN(at)) continue;
  moment.title = `${zone} (${moment.textContent})`;
  moment.textContent =
    `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
}

// Which zone that is, in words, where no pointer can rest on a moment.
if (document.querySelector("main time[datetime]")) {
  const says = document.createElement("p");
  says.className = "quiet zone";
  says.textContent = `Times on this page are those of ${zone.replaceAll("_", " ")}.`;
  document.querySelector("main").append(says);
}

// What is shown once can be copied with one tap.
for (const field of document.querySelectorAll("[data-copy]")) {
  const copy = document.createElement("button");
  const said = document.createElement("span");
  copy.type = "button";
  copy.className = "choice plain";
  copy.textContent = "Copy it";
  said.setAttribute("role", "status");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied";
    } catch {
      field.select();
      said.textContent = "Selected: copy it with your keyboard or menu";
    }
  });
  field.after(copy, said);
}
