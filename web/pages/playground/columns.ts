import { actionUrl } from "../../page.ts";
import { Button, classes, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { type Answer, type AnswerFacts, MOST_MODELS, type Turn, WIDTHS } from "./chat.ts";

/** One talk per model, side by side. */
export function Columns(visit: Visit, models: readonly string[], turns: readonly Turn[]): Markup {
  return html`<div
    class=${classes("playground-columns", WIDTHS[Math.min(models.length, MOST_MODELS)])}
    data-columns
    data-own
  >
    ${models.map((model, index) => Column(visit, model, index, { alone: models.length === 1, turns }))}
  </div>`;
}

function Column(
  visit: Visit,
  model: string,
  index: number,
  { alone, turns }: { alone: boolean; turns: readonly Turn[] },
): Markup {
  const { say } = visit;
  const label = say("playground.column", { position: index + 1 });
  return html`<section class="card playground-column" aria-label=${label} data-column>
    <header class="flex items-center gap-2 border-b border-line p-3">
      <input
        class="input input-small min-w-0 flex-1 font-mono"
        name="model"
        list="models"
        value=${model}
        placeholder=${say("playground.model")}
        aria-label=${label}
        autocomplete="off"
        spellcheck="false"
      />
      ${Button({
        label: say("playground.remove"),
        icon: "cross",
        iconOnly: true,
        small: true,
        tone: "quiet",
        to: `${actionUrl(visit, "less")}&column=${index}`,
        unchecked: true,
        disabled: alone,
        data: { remove: "" },
      })}
    </header>
    <div class="playground-log" role="log" tabindex="0" aria-label=${label} data-log>
      ${turns.flatMap(({ question, answers }) => {
        const answer = answers[index];
        return answer ? [Asked(question), Answered(visit, answer)] : [];
      })}
      <p class="playground-hint">${say("playground.empty")}</p>
    </div>
  </section>`;
}

/** What was asked. */
export const Asked = (question: string): Markup =>
  html`<p class="playground-question" data-question>${question}</p>`;

/** What came back, and what it took. */
export function Answered(visit: Visit, { text, reasoning, error, facts }: Answer): Markup {
  return html`<div class="playground-answer" data-answer>
    <details class="text-small text-muted" hidden=${reasoning === ""} data-reasoning>
      <summary>${visit.say("playground.reasoning")}</summary>
      <p class="mt-1 border-l-2 border-line pl-3 whitespace-pre-wrap" data-reasoning-text>${reasoning}</p>
    </details>
    <div class="break-words whitespace-pre-wrap" data-text>${text}</div>
    <p class="text-small text-bad" hidden=${error === undefined} data-error>${error}</p>
    <p class="text-tiny text-muted" data-facts>${Facts(visit, facts)}</p>
  </div>`;
}

function Facts({ say, show }: Visit, facts: AnswerFacts): Markup {
  const { by, tokensIn, tokensOut, cost, latencyMs, requestId } = facts;
  const told = [
    by,
    tokensIn !== undefined &&
      tokensOut !== undefined &&
      say("playground.tokens", { in: show.number(tokensIn), out: show.number(tokensOut) }),
    cost !== undefined && show.money(cost),
    latencyMs !== undefined && show.duration(latencyMs),
  ].filter(Boolean);
  return html`${told.join(" · ")}
  ${requestId !== undefined && html`${told.length > 0 && " · "}<a class="link" href=${`/dashboard/logs/${requestId}`}>${say("playground.receipt")}</a>`}`;
}
