import type { RequestRecord } from "../../../src/core/record.ts";
import { BreakDiff, breakSentence, KeepWords } from "../../parts/prompt-break.ts";
import { Card, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** What broke the provider's cache of this call's prompt; nothing where nothing did, or it is no longer known. */
export function PromptCacheCard(visit: Visit, { id }: RequestRecord): Markup {
  const { say } = visit;
  const broke = visit.engine.caches.promptCache.breakOf(id);
  if (!broke) return undefined;
  return Card({
    id: "prompt-break",
    title: say("prompt-break.title"),
    lead: breakSentence(visit, broke),
    children: html`<div class="space-y-5">${BreakDiff(visit, broke)} ${KeepWords(visit)}</div>`,
  });
}
