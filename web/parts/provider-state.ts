import type { ProviderDefinition, Status } from "../../src/core/provider.ts";
import { Badge, html, Icon, type Markup, Notice, type Tone } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const TONES: Readonly<Record<Status["state"], Tone>> = {
  works: "ok",
  restricted: "warn",
  "shut-down": "bad",
  "not-offered": "quiet",
};

export const stateOf = (provider: Pick<ProviderDefinition, "status">): Status["state"] =>
  provider.status?.state ?? "works";

/** Can one connect to it at all? */
export function isOffered(provider: ProviderDefinition): boolean {
  const state = stateOf(provider);
  return state !== "shut-down" && state !== "not-offered";
}

/** What the vendor allows, in a word; nothing where all is well. */
export function ProviderBadge(
  { say }: Pick<Visit, "say">,
  provider: Pick<ProviderDefinition, "status">,
): Markup {
  const state = stateOf(provider);
  return state === "works" ? undefined : Badge(TONES[state], say(`provider.state.${state}`));
}

/** The vendor's rule or what happened, with its source. */
export function ProviderNotice({ say, show }: Visit, { status }: ProviderDefinition): Markup {
  if (!status || (status.state === "works" && !status.note)) return undefined;
  const since = status.since === undefined ? NaN : Date.parse(status.since);
  return Notice({
    tone: TONES[status.state] === "ok" ? "info" : TONES[status.state],
    title: html`${say(`provider.state.${status.state}`)}${
      Number.isFinite(since) && html` · ${say("provider.since", { date: show.date(since) })}`
    }`,
    children: html`${status.note && html`<p lang="en">${status.note}</p>`}
    ${
      status.replacement !== undefined &&
      html`<p class="mt-1">
        ${say.rich("provider.instead", { model: html`<code>${status.replacement}</code>` })}
      </p>`
    }
    ${
      status.source !== undefined &&
      html`<p class="mt-1">
        <a
          class="link inline-flex items-center gap-1"
          href=${status.source}
          target="_blank"
          rel="noreferrer noopener"
        >
          ${say("provider.source")} ${Icon("outside", "size-3.5")}
        </a>
      </p>`
    }`,
  });
}
