// How the workspace shows what a query finds: values as people write them, links to our own pages, our own words.

const place = document.getElementById("yasgui");
const { words, failures, prefixes, contents, tells, explains } = JSON.parse(place.dataset.settings);
const language = document.documentElement.lang;
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = ["integer", "decimal", "double", "float", "int", "long"].map((name) => XSD + name);

// The words of the library that have one in the page's language; English ones stay as they are.
function say(text) {
  return words[text] ?? text;
}

// A failure that REST tells, as pages tell it: what is the matter and what to do; `english` where no words are known.
function spoken(kind, text) {
  for (const [english, said] of failures[kind]) {
    const found = text.match(new RegExp(`^(?:${english})$`, "s"));
    if (found) return said.replace(/\{(\d+)\}/g, (_, number) => found[number] ?? "");
  }
  return undefined;
}

Yasgui.failure = function ({ detail, hint }) {
  const message = spoken("message", detail);
  return { message: message ?? detail, hint: hint && (spoken("hint", hint) ?? (message && language !== "en" ? "" : hint)), english: message === undefined };
};

function element(kind, content, given = {}) {
  const made = Object.assign(document.createElement(kind), given);
  made.textContent = content;
  return made;
}

function short(iri) {
  for (const [name, start] of Object.entries(prefixes)) {
    if (iri.startsWith(start) && iri.length > start.length) return `${name}:${iri.slice(start.length)}`;
  }
  return iri.match(/\/((?:customer|moment|account|contract)\/.+)$/)?.[1] ?? iri;
}

// The page that tells of a thing; no address outside this host is ever linked.
function page(iri) {
  for (const [start, room] of Object.entries(contents)) {
    if (iri.startsWith(start)) return `/${room}/${iri.slice(start.length)}`;
  }
  const [, customer, moment] = iri.match(/\/(?:customer\/([^/]+)|(moment\/[^/]+\/[^/]+\/[^/]+))$/) ?? [];
  if (customer && tells) return `/customers/${customer}`;
  if (moment && explains) return `/why?moment=${encodeURIComponent(decodeURIComponent(moment))}`;
  return undefined;
}

function literal({ value, datatype }) {
  if (NUMBERS.includes(datatype) && value !== "" && Number.isFinite(Number(value))) {
    return Number(value).toLocaleString(language, { maximumFractionDigits: 6 });
  }
  if (datatype === `${XSD}date` && /^\d{4}-\d\d-\d\d$/.test(value)) {
    return new Date(`${value}T12:00:00Z`).toLocaleDateString(language === "de" ? "de" : "en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  }
  if (datatype === `${XSD}boolean`) return say(value);
  return value;
}

class Table extends Yasgui.Yasr.plugins.table {
  constructor(yasr) {
    super(yasr);
    this.label = say("Table");
    this.persistentConfig = { isEllipsed: false };
    const entries = { info: "Showing _START_ to _END_ of _TOTAL_ entries", infoEmpty: "Showing 0 to 0 of 0 entries", infoFiltered: "(filtered from _MAX_ total entries)", emptyTable: "No data available in table", zeroRecords: "No matching records found" };
    const spoken = Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, say(text)]));
    const { tableConfig } = this.config;
    const aria = { sortAscending: say(": activate to sort column ascending"), sortDescending: say(": activate to sort column descending") };
    const thousands = language === "de" ? "." : ",";
    this.config = { ...this.config, tableConfig: { ...tableConfig, language: { ...tableConfig.language, ...spoken, aria, thousands } } };
  }

  draw(config) {
    return super.draw({ ...config, isEllipsed: false, compact: false });
  }

  // As they came: the library puts other columns' values in for what stands in {{…}}.
  getRows() {
    const { results } = this.yasr;
    if (results.getType() !== "json" || !results.res?.text) return super.getRows();
    return JSON.parse(results.res.text).results.bindings.map((row, number) => [number + 1, ...results.getVariables().map((name) => row[name] ?? "")]);
  }

  getCellContent(binding) {
    const href = binding.type === "uri" && page(binding.value);
    const shown = binding.type === "uri" ? element(href ? "a" : "span", short(binding.value), href ? { href } : { title: binding.value }) : element("span", literal(binding));
    if (NUMBERS.includes(binding.datatype)) shown.className = "number";
    if (binding.datatype === `${XSD}date`) shown.className = "day";
    return shown.outerHTML;
  }

  drawControls() {
    super.drawControls();
    for (const part of this.tableControls.querySelectorAll(":scope > div:has(.switch)")) part.remove();
    this.tableFilterField.placeholder = say("Filter query results");
    this.tableFilterField.setAttribute("aria-label", say("Filter query results"));
    this.tableSizeField.setAttribute("aria-label", say("Page size:"));
    this.tableControls.querySelector(".pageSizerLabel").textContent = `${say("Page size:")} `;
    this.tableSizeField.lastChild.textContent = say("All");
  }
}

class Answer extends Yasgui.Yasr.plugins.response {
  constructor(yasr) {
    super(yasr);
    this.label = say("Response");
  }
}

// A refusal as our pages tell it: what is the matter and what to do, in place of the answer's text.
class Refusal {
  constructor(yasr) {
    this.yasr = yasr;
    this.priority = 20;
    this.hideFromSelection = true;
  }

  canHandleResults() {
    return Boolean(this.yasr.results?.getError());
  }

  getIcon() {
    return undefined;
  }

  async draw() {
    const { text } = this.yasr.results.getError();
    let told = {};
    try {
      told = JSON.parse(text);
    } catch {
      // no problem document: the connection was cut, or a page came
    }
    const { message, hint, english } = told.detail ? Yasgui.failure(told) : { message: say("No answer came.") };
    const parts = [element("p", message, { className: "problem" })];
    if (hint) parts.push(element("p", hint, { className: "dim" }));
    const box = element("div", "", { className: "refusal" });
    box.setAttribute("role", "alert");
    box.lang = english ? "en" : language;
    box.append(...parts);
    this.yasr.resultsEl.append(box);
  }
}

Yasgui.Yasr.registerPlugin("table", Table);
Yasgui.Yasr.registerPlugin("response", Answer);
Yasgui.Yasr.registerPlugin("error", Refusal);

// Answers hold customers: they are never left in the browser's storage.
Yasgui.Yasr.defaults.maxPersistentResponseSize = -1;

Yasgui.Yasr.prototype.updateResponseInfo = function () {
  const found = this.results?.getBindings()?.length;
  this.dataElement.classList.toggle("empty", !this.results);
  const took = (this.results?.getResponseTime() ?? 0) / 1000;
  const seconds = took < 0.1 ? `< ${(0.1).toLocaleString(language)}` : took.toLocaleString(language, { maximumFractionDigits: 1 });
  const key = found === undefined ? "{s} s" : found === 1 ? "1 row · {s} s" : "{n} rows · {s} s";
  this.dataElement.textContent = this.results ? say(key).replace("{n}", found?.toLocaleString(language)).replace("{s}", seconds) : "";
};

const { showNotification } = Yasgui.Yasqe.prototype;
Yasgui.Yasqe.prototype.showNotification = function (key, text) {
  return showNotification.call(this, key, say(text));
};

// What else the library writes in English, wherever it comes up, and what it leaves without a name: the editor's input,
// and the button for a further tab, which is reached among the tabs by the arrow keys.
const NAMED = ["title", "aria-label", "placeholder"];

function mend() {
  for (const input of place.querySelectorAll("textarea:not([aria-label])")) input.setAttribute("aria-label", say("SPARQL query"));
  place.querySelector(".tabsList button.addTab")?.setAttribute("role", "tab");
  for (const part of place.querySelectorAll(":not(.CodeMirror-scroll *, td, td *)")) {
    for (const name of NAMED) {
      if (words[part.getAttribute(name)]) part.setAttribute(name, words[part.getAttribute(name)]);
    }
    for (const node of part.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && words[node.data.trim()]) node.data = words[node.data.trim()];
    }
  }
}
new MutationObserver(mend).observe(place, { childList: true, subtree: true, attributeFilter: NAMED });
