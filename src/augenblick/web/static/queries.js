// The query workspace: YASGUI on our endpoint, our prefixes and terms, the library's queries as forms.

const place = document.getElementById("yasgui");
const settings = JSON.parse(place.dataset.settings);
const endpoint = new URL("/queries/ask", location.href).href;
const headers = { "Form-Token": settings.token };

// Terms are completed from our own ontology: nothing is asked of other hosts.
Yasgui.Yasqe.registerAutocompleter({
  name: "terms",
  bulk: true,
  persistenceId: null,
  autoShow: false,
  get: () => settings.terms,
  isValidCompletionPosition: (yasqe) => /^[a-z]+:[\w-]*$/i.test(yasqe.getCompleteToken().string),
});
Object.assign(Yasgui.Yasqe.defaults, {
  autocompleters: ["variables", "terms"],
  createShareableLink: null,
});

const yasgui = new Yasgui(place, {
  copyEndpointOnNewTab: true,
  autofocus: false,
  endpointCatalogueOptions: { getData: () => [{ endpoint }] },
  requestConfig: { endpoint, method: "POST", headers: () => headers }, // by function: what is kept in the browser lacks them
  tabName: settings.tab,
  yasqe: { value: settings.first },
  persistenceId: `augenblick_queries_${settings.role}_${settings.who}`,
});

// A chart or picture is of the query it was asked for: it goes when another one is run or looked at.
for (const event of ["query", "tabSelect"]) {
  yasgui.on(event, () => {
    for (const figure of document.querySelectorAll("#chart, #families")) figure.hidden = true;
    for (const button of document.querySelectorAll("[data-chart], [data-families]")) button.setAttribute("aria-expanded", "false");
  });
}

function current() {
  return yasgui.getTab();
}

function open(title, query) {
  const tab = yasgui.addTab(true, { name: title, requestConfig: { endpoint, method: "POST", headers: () => headers } });
  tab.setQuery(query);
  const answered = tab.query();
  tab.getYasr().rootEl.scrollIntoView({ block: "nearest" });
  return answered;
}

for (const form of document.querySelectorAll("form[data-library]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    problem.textContent = "";
    const answer = await fetch(`${form.dataset.library}?${new URLSearchParams(new FormData(form))}`);
    if (answer.redirected) location.reload(); // nobody is signed in any more
    const text = await answer.text();
    if (!answer.ok || !answer.headers.get("content-type").startsWith("text/plain")) {
      const page = new DOMParser().parseFromString(text, "text/html");
      problem.textContent = page.querySelector("main p")?.textContent ?? `${answer.status}`;
      return;
    }
    await open(form.closest("details").querySelector("summary").textContent, text);
  });
}

const problem = document.querySelector("[data-tool-problem]");

async function refused(answer) {
  const text = await answer.text();
  if (answer.headers.get("content-type").includes("json")) return Yasgui.failure(JSON.parse(text)).message;
  return new DOMParser().parseFromString(text, "text/html").querySelector("main p")?.textContent ?? `${answer.status}`;
}

for (const button of document.querySelectorAll("[data-save]")) {
  button.addEventListener("click", async () => {
    problem.textContent = "";
    const kind = button.dataset.save;
    const form = new URLSearchParams({ token: settings.token, query: current().getQuery(), kind });
    const answer = await fetch("/queries/result", { method: "POST", body: form });
    if (!answer.ok || !answer.headers.has("content-disposition")) {
      problem.textContent = await refused(answer);
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `${current().name() || "result"}.${kind}`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

// A link that opens this query again; what it answers depends on who opens it.
document.querySelector("[data-share]").addEventListener("click", async (event) => {
  const link = new URL(`/queries#query=${encodeURIComponent(current().getQuery())}`, location.href).href;
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    const before = event.target.textContent;
    event.target.textContent = event.target.dataset.done;
    setTimeout(() => { event.target.textContent = before; }, 2000);
  } catch {
    // the browser keeps the clipboard closed: the link stands in its address line
  }
});
if (location.hash.startsWith("#query=")) open(settings.shared, decodeURIComponent(location.hash.slice(7)));

// The first column of numbers as bars beside the first columns of names; the table of the result says the same.
const MOST_BARS = 40;
const chart = document.getElementById("chart");

// What the query at hand finds, as SPARQL's JSON; undefined where it is refused.
async function found() {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { ...headers, Accept: "application/sparql-results+json", "Content-Type": "application/sparql-query" },
    body: current().getQuery(),
  });
  if (answer.ok) return answer.json();
  problem.textContent = await refused(answer);
  return undefined;
}

async function draw() {
  const told = await found();
  if (!told) return;
  const { head, results } = told;
  const rows = results?.bindings ?? [];
  const numeric = head.vars?.find((name) => rows.length && rows.every((row) => row[name] && !Number.isNaN(Number(row[name].value))));
  const labels = head.vars?.filter((name) => name !== numeric && rows.some((row) => row[name] && Number.isNaN(Number(row[name].value)))).slice(0, 2) ?? [];
  const note = chart.querySelector("p");
  note.textContent = numeric && labels.length ? "" : note.dataset.none;
  chart.querySelector("figcaption").textContent = numeric && labels.length ? [...labels, numeric].join(" · ") : "";
  const shown = numeric && labels.length ? rows.slice(0, MOST_BARS) : [];
  const most = Math.max(...shown.map((row) => Number(row[numeric].value)), 0) || 1;
  chart.querySelector("div").replaceChildren(...shown.map((row) => bar(labels.map((each) => said(row[each])).join(" · "), Number(row[numeric].value), most)));
  chart.hidden = false;
  chart.focus();
}

function said(value) {
  if (!value) return "–";
  return value.type === "uri" ? value.value.replace(/^.*[/#]/, "") : value.value;
}

function bar(label, value, most) {
  const line = document.createElement("p");
  line.className = "bar-line";
  const [name, meter, number] = ["span", "meter", "span"].map((kind) => document.createElement(kind));
  name.textContent = label;
  Object.assign(meter, { min: 0, max: most, value: Math.max(value, 0) });
  meter.setAttribute("aria-label", name.textContent);
  number.textContent = value.toLocaleString(document.documentElement.lang);
  line.append(name, meter, number);
  return line;
}

document.querySelector("[data-chart]").addEventListener("click", async (event) => {
  problem.textContent = "";
  if (chart.hidden) await draw();
  else chart.hidden = true;
  event.target.setAttribute("aria-expanded", String(!chart.hidden));
});

// The families of the customers in the result, drawn by the service as far as the reader may see them.
const MOST_FAMILIES = 40;
const families = document.getElementById("families");

async function drawFamilies() {
  const told = await found();
  if (!told) return;
  const customers = new Set();
  for (const row of told.results?.bindings ?? []) {
    for (const [name, value] of Object.entries(row)) {
      const person = value.type === "uri" ? value.value.match(/\/(?:customer\/([^/]+)$|moment\/([^/]+)\/)/)?.slice(1).find(Boolean) : /customer|relative|person|kin/i.test(name) && value.value;
      if (person) customers.add(value.type === "uri" ? decodeURIComponent(person) : person);
    }
  }
  const asked = new URLSearchParams([...customers].slice(0, MOST_FAMILIES).map((each) => ["customer", each]));
  const answer = await fetch(`/queries/families?${asked.size ? asked : "customer="}`);
  if (!answer.ok) {
    problem.textContent = await refused(answer);
    return;
  }
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  families.replaceChildren(...part.body.childNodes);
  families.hidden = false;
  families.focus();
}

document.querySelector("[data-families]").addEventListener("click", async (event) => {
  problem.textContent = "";
  if (families.hidden) await drawFamilies();
  else families.hidden = true;
  event.target.setAttribute("aria-expanded", String(!families.hidden));
});
