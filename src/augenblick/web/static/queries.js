// The query workspace: YASGUI on our endpoint, our prefixes and terms, the library's queries as forms.

const place = document.getElementById("yasgui");
const settings = JSON.parse(place.dataset.settings);
const endpoint = new URL("/sparql", location.href).href;
const headers = { "Acting-Role": settings.role, "Purpose-Of-Use": settings.purpose };

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
  requestConfig: { endpoint, method: "POST", headers },
  yasqe: { value: settings.first },
  persistenceId: `augenblick_${settings.role}`,
});

// The editor's input has no name of its own, and its button for a further tab is reached among the tabs by the arrow keys.
function name() {
  for (const input of place.querySelectorAll("textarea:not([aria-label])")) input.setAttribute("aria-label", settings.editor);
  place.querySelector(".tabsList button.addTab")?.setAttribute("role", "tab");
}
new MutationObserver(name).observe(place, { childList: true, subtree: true });
name();

function current() {
  return yasgui.getTab();
}

function open(title, query) {
  const tab = yasgui.addTab(true, { name: title, requestConfig: { endpoint, method: "POST", headers } });
  tab.setQuery(query);
  return tab.query();
}

for (const form of document.querySelectorAll("form[data-library]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    problem.textContent = "";
    const answer = await fetch(`${form.dataset.library}?${new URLSearchParams(new FormData(form))}`);
    const text = await answer.text();
    if (!answer.ok || !answer.headers.get("content-type").startsWith("text/plain")) {
      const page = new DOMParser().parseFromString(text, "text/html");
      problem.textContent = page.querySelector("main p")?.textContent ?? `${answer.status}`;
      return;
    }
    await open(form.closest("details").querySelector("summary").textContent, text);
  });
}

document.querySelector("[data-csv]").addEventListener("click", async () => {
  const problem = document.querySelector("[data-csv-problem]");
  problem.textContent = "";
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { ...headers, Accept: "text/csv", "Content-Type": "application/sparql-query" },
    body: current().getQuery(),
  });
  if (!answer.ok) {
    problem.textContent = (await answer.json()).detail;
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `${current().name() || "result"}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
});
