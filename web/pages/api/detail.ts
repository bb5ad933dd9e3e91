import { GatewayError } from "../../../src/core/errors.ts";
import type { Schema } from "../../../src/http/api-document.ts";
import { schemaRows, typeOf } from "../../parts/schema-rows.ts";
import { definePage } from "../../page.ts";
import { Badge, Card, CodeBlock, Heading, html, type Markup, Table } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { type ApiCall, callsOf } from "./calls.ts";
import { MethodBadge } from "./list.ts";
import { marked } from "./marked.ts";

/** One call: who may, what it takes, what it gives, and a line to try it. */
export const apiCall = definePage({
  path: "/api/:call",
  title: "api.title",
  under: "/api",
  load: ({ apiDocument, params }) => {
    const call = callsOf(apiDocument()).find(({ operationId }) => operationId === params["call"]);
    if (!call) throw new GatewayError("not_found", "There is no such call.");
    return call;
  },
  view: (call, visit) => {
    const { say } = visit;
    const [given] = Object.entries(call.requestBody?.content ?? {});
    const [answer] = Object.entries(call.responses["200"]?.content ?? call.responses["201"]?.content ?? {});
    return html`
      ${Heading({
        title: html`<code class="break-all">${call.path}</code>`,
        badge: MethodBadge(call.method),
        lead: marked(call.summary),
        back: { href: "/dashboard/api", label: say("api.title") },
      })}
      <div class="grid grid-cols-1 items-start gap-6">
        <p class="text-muted">${marked(call.description)}</p>
        ${CodeBlock(visit, example(visit, call), "curl")}
        ${
          call.parameters.length > 0 &&
          Card({
            title: say("api.parameters"),
            flush: true,
            children: Fields(
              visit,
              say("api.parameters"),
              call.parameters.map(({ name, required, schema, description }) => ({
                name,
                required,
                type: typeOf(schema),
                ...(description !== undefined && { about: description }),
              })),
            ),
          })
        }
        ${given && SchemaCard(visit, say("api.body"), given)}
        ${answer && SchemaCard(visit, say("api.answer"), answer)}
      </div>
    `;
  },
});

function SchemaCard(visit: Visit, title: string, [media, { schema }]: [string, { schema: Schema }]): Markup {
  const rows = schemaRows(schema);
  const about = typeof schema.description === "string" ? schema.description : typeOf(schema);
  return Card({
    title,
    lead: html`<code>${media}</code>`,
    flush: rows.length > 0,
    children: rows.length > 0 ? Fields(visit, title, rows) : html`<p>${marked(about)}</p>`,
  });
}

function Fields({ say }: Visit, label: string, rows: ReturnType<typeof schemaRows>): Markup {
  return Table({
    rows,
    label,
    columns: [
      {
        title: say("api.field"),
        cell: ({ name, required }) =>
          html`<code class="whitespace-nowrap">${name}</code>
            ${required && Badge("quiet", say("api.required"))}`,
      },
      { title: say("api.type"), cell: ({ type }) => html`<code class="break-all text-small">${type}</code>` },
      rows.some(({ about }) => about !== undefined) && {
        title: say("api.about"),
        wide: true,
        cell: ({ about }) => marked(about ?? ""),
      },
    ],
  });
}

/** A line for the terminal, with only what must be said. */
function example({ url }: Visit, call: ApiCall): string {
  const lines = [`curl ${call.method === "GET" ? "" : `-X ${call.method} `}'${url.origin}${call.example}'`];
  if (call.security.length > 0) lines.push(`-H 'Authorization: Bearer YOUR_KEY'`);
  const [given] = Object.entries(call.requestBody?.content ?? {});
  if (given?.[0] === "application/json") lines.push(`-d '${JSON.stringify(sampleOf(given[1].schema))}'`);
  if (given?.[0] === "multipart/form-data") lines.push(`-F 'file=@FILE'`);
  return lines.join(" \\\n  ");
}

/** What a body must hold, with the kind of value in the value's place. */
function sampleOf(schema: Schema): object {
  const fields = schemaRows(schema).filter(({ name }) => !/[.[{]/.test(name));
  const required = fields.filter((field) => field.required);
  const shown = required.length > 0 ? required : fields.slice(0, 1);
  return Object.fromEntries(shown.map(({ name, type }) => [name, valueOf(type)]));
}

function valueOf(type: string): unknown {
  if (type.includes("[]")) return [];
  if (/^"/.test(type)) return JSON.parse(type.split(" | ")[0] ?? '""');
  if (/^(?:number|integer)/.test(type)) return 1;
  if (type === "boolean") return true;
  return type === "string" ? "…" : {};
}
