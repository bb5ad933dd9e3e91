import type { Settings } from "../../../src/core/settings.ts";
import type { Action } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import {
  Button,
  Card,
  CheckField,
  Confirm,
  Facts,
  Form,
  html,
  type Markup,
  Relative,
  SelectField,
  Table,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

type SimilarHit = ReturnType<Visit["engine"]["caches"]["similarHits"]["list"]>[number];

/** What the card's form sets. */
const CACHE_SETTINGS = [
  "cacheEnabled",
  "cacheStreams",
  "cacheScope",
  "cacheTtlMs",
  "cacheMaxEntries",
  "cacheSimilarity",
  "idempotencyWindowMs",
] as const;

const MINUTE = 60_000;
const SIMILAR_SHOWN = 20;

/** Whole answers given again: when, how long, to whom; and what that has saved. */
export function AnswerCacheCard(visit: Visit, settings: Settings): Markup {
  const { say, show, engine } = visit;
  const {
    hits,
    similarHits,
    misses,
    hitRate,
    memoryEntries,
    memoryBytes,
    dbEntries,
    tokensSaved,
    costSaved,
    shadowCostSaved,
  } = engine.caches.answers.stats();
  return Card({
    id: "answer-cache",
    title: say("cache.title"),
    lead: say("cache.lead"),
    aside: html`${DeclaredSettings(visit, ...CACHE_SETTINGS)}
    ${Confirm({
      visit,
      id: "clear-cache",
      action: "clearCache",
      fields: {},
      label: say("cache.clear"),
      tone: "plain",
      question: say("cache.clear.ask"),
      consequence: say("cache.clear.then"),
      go: say("cache.clear"),
    })}`,
    children: html`<div class="grid grid-cols-1 gap-x-8 gap-y-6 md:grid-cols-2">
      ${Form({
        visit,
        action: "cache",
        className: "space-y-4",
        children: (form) => html`
          ${CheckField({ form, name: "cacheEnabled", label: say("cache.enabled"), hint: say("cache.enabled.hint"), checked: settings.cacheEnabled })}
          ${CheckField({ form, name: "cacheStreams", label: say("cache.streams"), checked: settings.cacheStreams })}
          ${SelectField({
            form,
            name: "cacheScope",
            label: say("cache.scope"),
            value: settings.cacheScope,
            options: (["key", "instance"] as const).map((scope): [string, string] => [
              scope,
              say(`cache.scope.${scope}`),
            ]),
          })}
          <div class="grid grid-cols-2 gap-4">
            ${TextField({ form, name: "cacheMinutes", label: say("cache.minutes"), type: "number", min: 1, max: 43_200, required: true, value: String(Math.max(1, Math.round(settings.cacheTtlMs / MINUTE))) })}
            ${TextField({ form, name: "cacheMaxEntries", label: say("cache.entries"), type: "number", min: 1, max: 100_000, required: true, value: String(settings.cacheMaxEntries) })}
          </div>
          <div class="grid grid-cols-2 gap-4">
            ${TextField({ form, name: "similarModel", label: say("cache.similar"), hint: say("cache.similar.hint"), value: settings.cacheSimilarity.model, code: true })}
            ${TextField({ form, name: "similarThreshold", label: say("cache.threshold"), hint: say("cache.threshold.hint"), value: String(settings.cacheSimilarity.threshold) })}
          </div>
          ${TextField({ form, name: "idempotencySeconds", label: say("cache.idempotency"), hint: say("cache.idempotency.hint"), type: "number", min: 1, max: 300, required: true, value: String(Math.round(settings.idempotencyWindowMs / 1000)) })}
          ${Button({ label: say("common.save"), tone: "primary" })}
        `,
      })}
      <div>
        ${Facts([
          [say("cache.rate"), hits + similarHits + misses === 0 ? "–" : show.percent(hitRate)],
          [
            say("cache.hits"),
            say("cache.hits.of", {
              hits: show.number(hits + similarHits),
              similar: show.number(similarHits),
              misses: show.number(misses),
            }),
          ],
          [say("cache.saved"), `${show.compact(tokensSaved)} · ${show.money(costSaved)}`],
          [say("cache.saved.shadow"), show.money(shadowCostSaved)],
          [
            say("cache.kept"),
            say("cache.kept.where", {
              memory: show.number(memoryEntries),
              size: show.bytes(memoryBytes),
              disk: show.number(dbEntries),
            }),
          ],
          [say("cache.idempotency.active"), show.number(engine.caches.idempotency.activeKeys)],
        ])}
      </div>
    </div>`,
  });
}

/** Answers that were reused for a question that was only similar: people judge whether they fitted. */
export function SimilarAnswers(visit: Visit): Markup {
  const { say, show } = visit;
  const rows = visit.engine.caches.similarHits.list().slice(0, SIMILAR_SHOWN);
  if (rows.length === 0) return undefined;
  const question = (text: string) => html`<span class="line-clamp-3 max-w-xs break-words">${text}</span>`;
  return Card({
    title: say("cache.judge"),
    lead: say("cache.judge.lead"),
    flush: true,
    children: Table<SimilarHit>({
      label: say("cache.judge"),
      rows,
      tall: true,
      columns: [
        {
          title: say("cache.judge.at"),
          cell: ({ at, requestId }) =>
            html`<a class="link" href=${`/dashboard/logs/${requestId}`}>${Relative(visit, at)}</a>`,
        },
        { title: say("cache.judge.asked"), cell: ({ asked }) => question(asked) },
        { title: say("cache.judge.answered"), cell: ({ answered }) => question(answered) },
        { title: say("cache.threshold"), numeric: true, cell: ({ similarity }) => show.percent(similarity) },
        {
          title: say("cache.forget"),
          silent: true,
          cell: ({ id, hash }) =>
            Confirm({
              visit,
              id: `forget-${id}`,
              action: "forgetAnswer",
              fields: { hash },
              label: say("cache.forget"),
              iconOnly: true,
              question: say("cache.forget.ask"),
              consequence: say("cache.forget.then"),
              go: say("cache.forget"),
            }),
        },
      ],
    }),
  });
}

export const saveCache: Action = ({ engine, actor, say }, form) => {
  engine.manage.settings.change(
    {
      cacheEnabled: form.ticked("cacheEnabled"),
      cacheStreams: form.ticked("cacheStreams"),
      cacheScope: form.text("cacheScope"),
      cacheTtlMs: Number(form.text("cacheMinutes")) * MINUTE,
      cacheMaxEntries: form.text("cacheMaxEntries"),
      cacheSimilarity: {
        model: form.text("similarModel"),
        threshold: form.text("similarThreshold").replace(",", "."),
      },
      idempotencyWindowMs: Number(form.text("idempotencySeconds")) * 1000,
    },
    actor,
  );
  return { message: say("settings.saved"), to: "#answer-cache" };
};

export const clearCache: Action = ({ engine, actor, say }) => {
  const cleared = engine.caches.clear({}, actor);
  return say("cache.cleared", { count: cleared });
};

export const forgetAnswer: Action = ({ engine, actor, say }, form) => {
  engine.caches.remove(form.text("hash"), actor);
  return say("cache.forgotten");
};
