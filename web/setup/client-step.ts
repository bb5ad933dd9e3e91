import type { RequestRecord } from "../../src/core/record.ts";
import { type TriedTarget, tryTargets } from "../../src/relay/index.ts";
import { actionUrl, definePage, type Page } from "../page.ts";
import { publicBase } from "../parts/addresses.ts";
import { newestClientRequest } from "../parts/client-requests.ts";
import { putFirstStepsAway } from "../parts/first-steps.ts";
import { chosenModel, ModelField, recipeAddress } from "../parts/model-field.ts";
import { RecipeView } from "../parts/recipe-view.ts";
import { findRecipe, RECIPES } from "../recipes/index.ts";
import { Button, Card, classes, CopyLine, Dot, html, Icon, type Markup, Notice } from "../ui/index.ts";
import type { Visit } from "../visit.ts";
import type { KeyShelf, ShelvedKey } from "./key-shelf.ts";

/** The last step: a client pointed here, and the moment its first request comes in. */
export function clientStep(shelf: KeyShelf): Page {
  return definePage({
    path: "/client",
    title: "setup.client.title",
    load: (visit) => {
      const { url, carried } = visit;
      const key = shelf.find(visit);
      return {
        key,
        recipe: findRecipe(url.searchParams.get("client") ?? undefined) ?? RECIPES[0]!,
        model: chosenModel(visit),
        first: newestClientRequest(visit.engine, key?.at),
        tried: carried as TriedTarget | undefined,
      };
    },
    view: ({ key, recipe, model, first, tried }, visit) => {
      const { say } = visit;
      const place = { base: publicBase(visit), key: key?.key ?? say("clients.key.place"), model };
      return html`
        <h1 class="text-2xl font-semibold tracking-tight">${say("setup.client.title")}</h1>
        <p class="mt-1 mb-6 text-muted">${say("setup.client.lead")}</p>
        <div class="space-y-4">
          ${key && NewKeyNotice(visit, key)}
          ${Card({
            children: html`
              <nav class="pills" aria-label=${say("clients.title")}>
                ${RECIPES.map(
                  ({ id, name }) =>
                    html`<a
                      href=${recipeAddress(visit, id)}
                      aria-current=${id === recipe.id ? "page" : undefined}
                      >${name}</a
                    >`,
                )}
              </nav>
              <div class="mt-5">${ModelField(visit, recipe.id, model)}</div>
              <div class="mt-5">${RecipeView(visit, recipe, place)}</div>
            `,
          })}
          ${FirstRequest(visit, first)}
          <div class="flex flex-wrap items-center gap-3">
            <form method="post" action=${actionUrl(visit, "try")}>
              ${Button({ label: say("setup.client.try", { model }), icon: "play", data: { busy: say("test.running") } })}
            </form>
            <form method="post" action=${actionUrl(visit, "finish")} class="ml-auto">
              ${Button({ label: say("setup.finish"), tone: first ? "primary" : "plain", iconAfter: "right" })}
            </form>
          </div>
          ${tried && Tried(visit, tried)}
        </div>
      `;
    },
    actions: {
      try: async (visit) => {
        const { engine, signal } = visit;
        const [tried] = await tryTargets(engine.relayDeps, [chosenModel(visit)], signal);
        return { carry: tried };
      },
      finish: (visit) => {
        shelf.clear(visit);
        putFirstStepsAway(visit.engine);
        return { message: visit.say("setup.done"), to: "/dashboard" };
      },
    },
  });
}

function NewKeyNotice(visit: Visit, { key, name }: ShelvedKey): Markup {
  const { say } = visit;
  return Notice({
    tone: "ok",
    title: say("key.made", { name }),
    children: html`<p>${say("key.once")}</p>
      <div class="mt-2">${CopyLine(visit, key, say("key.word"))}</div>`,
  });
}

/** Waits, and then tells. The script fetches it anew whenever a request comes in. */
function FirstRequest(visit: Visit, first: RequestRecord | undefined): Markup {
  const { say, show } = visit;
  const went = first !== undefined && first.status < 400;
  return html`<div id="first-request" data-live="request" role="status">
    ${
      first
        ? html`<div class=${classes("moment", went ? "moment-done" : "moment-failed")}>
            <span class="moment-mark">${Icon(went ? "check" : "warning", "size-6")}</span>
            <div class="min-w-0">
              <p class="text-lg font-semibold">${say(went ? "setup.first.came" : "setup.first.failed")}</p>
              <p class="text-muted">
                ${say.rich("setup.first.told", {
                  model: html`<code class="break-all">${first.requestedModel}</code>`,
                  status: first.status,
                  time: show.duration(first.durationMs),
                  key: first.keyName,
                })}${" "}
                ${
                  !went &&
                  html`<a class="link" href=${`/dashboard/logs/${encodeURIComponent(first.id)}`}
                    >${say("setup.first.why")}</a
                  >`
                }
              </p>
            </div>
          </div>`
        : html`<div class="moment">
            <span class="moment-mark">${Dot("info", { live: true })}</span>
            <div>
              <p class="text-lg font-semibold">${say("setup.first.waiting")}</p>
              <p class="text-muted">${say("setup.first.hint")}</p>
            </div>
          </div>`
    }
  </div>`;
}

function Tried({ say, show }: Visit, { model, status, error, latencyMs }: TriedTarget): Markup {
  return status === "ok"
    ? Notice({
        tone: "ok",
        alert: true,
        children: say("setup.tried.ok", { model, time: show.duration(latencyMs) }),
      })
    : Notice({
        tone: "bad",
        alert: true,
        title: say("setup.tried.failed", { model }),
        children: html`<span lang="en">${error}</span>`,
      });
}
