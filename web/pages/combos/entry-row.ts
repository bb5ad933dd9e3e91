import type { ComboEntry } from "../../../src/core/combo.ts";
import type { ConnectionView } from "../../../src/manage/index.ts";
import { legState } from "../../parts/leg-state.ts";
import { Badge, Button, html, Icon, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** One model of a combo: its name, weight and account, and the buttons that move it. */
export function EntryRow(
  visit: Visit,
  {
    entry,
    index,
    count,
    connections,
    arrange,
  }: {
    entry: ComboEntry;
    index: number;
    count: number;
    connections: readonly ConnectionView[];
    arrange: string;
  },
): Markup {
  const { say } = visit;
  const place = { position: index + 1 };
  const move = (direction: "up" | "down" | "remove", icon: "up" | "down" | "trash", disabled: boolean) =>
    Button({
      label: say(`combo.${direction}`, place),
      icon,
      iconOnly: true,
      small: true,
      tone: "quiet",
      name: "move",
      value: `${direction}:${index}`,
      to: arrange,
      unchecked: true,
      disabled,
      data: { "row-move": direction },
    });
  return html`<li class="entry-row" data-row>
    <span class="grip needs-script" data-grip aria-hidden="true">${Icon("grip", "size-5")}</span>
    <span class="entry-position" aria-hidden="true"></span>
    <div class="min-w-0 flex-1 basis-60">
      <input
        class="input font-mono"
        name="model"
        list="chat-models"
        value=${entry.model}
        aria-label=${say("combo.model", place)}
        placeholder="openai/gpt-5.2"
        maxlength="256"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
      />
      ${entry.model !== "" && LegNote(visit, entry)}
    </div>
    <label class="weight-field">
      <span class="text-small text-muted">${say("combo.weight")}</span>
      <input
        class="input w-20"
        name="weight"
        type="number"
        min="0"
        max="100"
        step="any"
        value=${entry.weight}
      />
    </label>
    ${
      connections.length > 1 || entry.connectionId !== undefined
        ? html`<label class="min-w-0 basis-48">
            <span class="sr-only">${say("combo.account", place)}</span>
            <select class="input" name="connectionId">
              <option value="">${say("combo.account.any")}</option>
              ${connections.map(
                ({ id, name, provider }) =>
                  html`<option value=${id} selected=${id === entry.connectionId}>
                    ${visit.engine.catalogue.byId.get(provider)?.provider.name ?? provider}: ${name}
                  </option>`,
              )}
            </select>
          </label>`
        : html`<input type="hidden" name="connectionId" value="" />`
    }
    <span class="ml-auto flex items-center">
      ${move("up", "up", index === 0)} ${move("down", "down", index === count - 1)}
      ${move("remove", "trash", false)}
    </span>
  </li>`;
}

function LegNote({ engine, say }: Visit, entry: ComboEntry): Markup {
  const { kind, tone, replacement } = legState(engine, entry);
  if (kind === "ready") return undefined;
  return html`<p class="mt-1.5 flex flex-wrap items-center gap-2 text-small text-muted" data-leg-note>
    ${Badge(tone, say(`leg.${kind}`))}
    ${replacement !== undefined && say.rich("leg.replacement", { model: html`<code>${replacement}</code>` })}
  </p>`;
}
