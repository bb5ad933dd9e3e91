import { Card, Facts, html, Icon, type Markup, Notice, Relative } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** The file that declares what is set up, and writing one. */
export function FileCard(visit: Visit): Markup {
  const { say, engine } = visit;
  const { path, appliedAt, faults, declared } = engine.declared.state();
  const count = (part: object): string => String(Object.keys(part).length);
  return Card({
    title: say("configfile.title"),
    lead: say("configfile.lead"),
    children: html`
      ${
        faults.length > 0 &&
        html`<div class="mb-4">
          ${Notice({
            tone: "bad",
            title: say("configfile.faults"),
            children: html`<ul class="list-disc pl-5">
              ${faults.map(
                ({ line, path: place, message }) =>
                  html`<li>
                    ${say("configfile.line", {
                      line: String(line ?? 1),
                      message: place === "" ? message : `${place}: ${message}`,
                    })}
                  </li>`,
              )}
            </ul>`,
          })}
        </div>`
      }
      ${
        path === undefined
          ? html`<p class="text-muted">${say("configfile.none", { name: "omniroute.toml" })}</p>`
          : Facts([
              [say("configfile.path"), html`<code class="break-all">${path}</code>`],
              [say("configfile.applied"), Relative(visit, appliedAt, say("common.never"))],
              [
                say("configfile.declared"),
                say("configfile.counts", {
                  connections: count(declared.connections),
                  nodes: count(declared.nodes),
                  combos: count(declared.combos),
                  keys: count(declared.keys),
                  settings: String(declared.settings.length),
                }),
              ],
            ])
      }
      <p class="mt-4">
        <a class="btn btn-plain btn-small" href="/api/config-file/export" download="omniroute.toml"
          >${Icon("down", "size-4")} ${say("configfile.write")}</a
        >
      </p>
    `,
  });
}
