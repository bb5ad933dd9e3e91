import type { ApiKey } from "../../../src/core/key.ts";
import { DeclaredBadge } from "../../parts/declared-badge.ts";
import { type Column, html, type Markup, Relative } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { keyState } from "./key-form.ts";

/** What every list of keys shows of them. */
export function keyColumns(visit: Visit): { [name in "name" | "state" | "used"]: Column<ApiKey> } {
  const { say } = visit;
  return {
    name: { title: say("key.name"), cell: (key) => KeyName(visit, key) },
    state: { title: say("key.state"), cell: (key) => keyState(visit, key) },
    used: {
      title: say("key.used"),
      wide: true,
      cell: (key) => Relative(visit, key.lastUsedAt, say("common.never")),
    },
  };
}

/** A key by its name, which leads to its page, and by what may be shown of it. */
function KeyName(visit: Visit, { id, name, masked }: ApiKey): Markup {
  return html`<a class="row-link font-medium break-words" href=${`/dashboard/endpoint/keys/${id}`}>${name}</a>
    ${DeclaredBadge(visit, "keys", id)}
    <p class="font-mono text-tiny whitespace-nowrap text-muted max-sm:hidden">${masked}</p>`;
}
