// What pages do beyond links and forms: copy, print, choose. Without it everything else still works.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.print !== undefined) {
    for (const details of document.querySelectorAll(".offers details")) details.open = true;
    window.print();
  }
  if (button.dataset.copy) {
    const words = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(words.textContent.trim());
      const before = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = before; }, 2000);
    } catch {
      getSelection().selectAllChildren(words); // the browser keeps the clipboard closed: the words are marked instead
    }
  }
});

document.addEventListener("change", (event) => {
  if (event.target.dataset.submit !== undefined) event.target.form.requestSubmit();
});

// Who is looked for in a large family: their branches open, the others go while the search lasts.
document.addEventListener("input", (event) => {
  if (event.target.dataset.filters === undefined) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const branch of event.target.closest(".kin").querySelectorAll("details")) {
    branch.dataset.before ??= branch.open;
    let found = false;
    for (const each of branch.querySelectorAll("li")) {
      const hit = wanted !== "" && each.textContent.toLowerCase().includes(wanted);
      each.classList.toggle("hit", hit);
      found ||= hit;
    }
    branch.hidden = wanted !== "" && !found;
    branch.open = wanted === "" ? branch.dataset.before === "true" : found;
  }
});

// What stands behind # in an address (a shared query) is never sent: the sign-in carries it on to the page it leads to.
const MOST_IN_COOKIE = 2500;
if (location.hash && location.pathname === "/sign-in") {
  for (const field of document.querySelectorAll("main input[name=back]")) field.value += location.hash;
  for (const link of document.querySelectorAll("main a[href^='/sign-in/start']")) {
    const place = new URL(link.href);
    place.searchParams.set("back", place.searchParams.get("back") + location.hash);
    if (place.search.length < MOST_IN_COOKIE) link.href = place.href;
  }
}

// A part of a page that cannot come says so where it would stand.
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const told = page.querySelector("main section p");
  const note = Object.assign(document.createElement("p"), { className: "note bad" });
  note.setAttribute("role", "alert");
  note.textContent = told ? told.textContent : `${event.detail.xhr.status}`;
  event.detail.target.replaceChildren(note);
});

// On a narrow screen pictures open where it matters: a life at today, a family at the customer, the bar at this page.
for (const place of document.querySelectorAll(".line line.today, .family .self, .bar [aria-current]")) {
  const view = place.closest(".scroll, nav");
  if (!view) continue;
  const [within, here] = [view.getBoundingClientRect(), place.getBoundingClientRect()];
  view.scrollLeft += here.left - within.left - within.width * 0.6;
}
for (const view of document.querySelectorAll("[data-latest]")) view.scrollLeft = view.scrollWidth;

// A table of many columns is told row by row on a narrow screen: each cell under its column's name.
const tell = (table) => {
  const names = [...table.querySelectorAll("thead :is(th, td)")].map((each) => each.textContent.trim());
  if (names.length < 3) return;
  table.classList.add("told");
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, place) => { cell.dataset.column = names[place] ?? ""; });
  }
};
const tellAll = (part) => part.querySelectorAll("table.list:not(.policy)").forEach(tell);
tellAll(document);
document.addEventListener("htmx:load", (event) => tellAll(event.detail.elt));
