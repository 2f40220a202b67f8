// Asks an endpoint through Comunica: `node comunica.mjs MODULES` with {endpoint, headers, query, kind, update} on standard input.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const { QueryEngine } = createRequire(`${process.argv[2]}/`)("@comunica/query-sparql");
const asked = JSON.parse(await text(process.stdin));
const called = [];
const context = {
  sources: [{ type: "sparql", value: asked.endpoint }],
  destination: asked.kind === "void" ? { type: "sparql", value: asked.endpoint } : undefined,
  fetch: (url, options = {}) => {
    const headers = new Headers(options.headers);
    for (const [name, value] of Object.entries(asked.headers)) headers.set(name, value);
    called.push(options.method ?? "GET");
    return fetch(url, { ...options, headers });
  },
};
const engine = new QueryEngine();
const found = {
  bindings: async () => (await (await engine.queryBindings(asked.query, context)).toArray()).map((row) =>
    Object.fromEntries([...row].map(([variable, term]) => [variable.value, term.value]))),
  boolean: () => engine.queryBoolean(asked.query, context),
  quads: async () => (await (await engine.queryQuads(asked.query, context)).toArray()).length,
  void: () => engine.queryVoid(asked.query, context),
};
const answer = await found[asked.kind]();
console.log(JSON.stringify({ answer: answer ?? null, called: called.length }));
