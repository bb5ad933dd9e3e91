import { GatewayError } from "../../../src/core/errors.ts";
import type { Exclusion, Plan, Target } from "../../../src/core/target.ts";
import { placeOf } from "../../../src/routing/index.ts";
import { wordsOf } from "../../errors.ts";
import { isMessageKey } from "../../i18n/index.ts";
import { connectionName } from "../../parts/names.ts";
import { Badge, Card, Countdown, html, type Markup, Notice } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** What a request to this combo would do right now: what is tried in which order, what is left out and why. */
export function DryRun(visit: Visit, plan: Plan | GatewayError): Markup {
  const { say } = visit;
  return Card({
    id: "dry-run",
    live: "changed",
    title: say("plan.title"),
    lead: say("plan.lead"),
    children:
      plan instanceof GatewayError
        ? Notice({
            tone: "warn",
            title: say("plan.none"),
            children: html`<span lang="en">${wordsOf(plan, visit)}</span>`,
          })
        : html`
            <ol class="plan">
              ${plan.targets.map((target) => TargetRow(visit, plan, target))}
            </ol>
            ${
              plan.excluded.length > 0 &&
              html`<h3 class="mt-5 font-medium">${say("plan.excluded")}</h3>
                <ul class="mt-2 space-y-2">
                  ${plan.excluded.map((exclusion) => ExclusionRow(visit, exclusion))}
                </ul>`
            }
          `,
  });
}

function TargetRow(visit: Visit, plan: Plan, target: Target): Markup {
  const { engine, say, show } = visit;
  const place = placeOf(plan, target);
  const { cost, kind } = engine.router.expectedPrice(target, 1000);
  const price =
    cost === undefined
      ? say("plan.cost.unknown")
      : cost === 0
        ? say("cost.free")
        : say(`plan.cost.${kind}`, { cost: show.money(cost) });
  return html`<li>
    <code class="min-w-0 break-all">${target.label}</code>
    <span class="text-small text-muted">${target.connection.name} · ${price}</span>
    ${place === "chain" && Badge("quiet", say("plan.chain", { name: plan.chain?.name ?? "" }))}
    ${place === "behind" && Badge("warn", say("plan.behind"))}
  </li>`;
}

function ExclusionRow(visit: Visit, { model, reason, kind, until, connectionId }: Exclusion): Markup {
  const { say, engine, now } = visit;
  const key = `excluded.${kind ?? ""}`;
  const account = connectionId === undefined ? undefined : connectionName(engine, connectionId);
  return html`<li class="flex flex-wrap items-baseline gap-x-2 gap-y-1">
    <code class="min-w-0 break-all">${model}</code>
    ${account !== undefined && html`<span class="text-small text-muted">${account}</span>`}
    ${Badge("warn", isMessageKey(key) ? say(key) : reason)}
    ${until !== undefined && until > now && html`<span class="text-small text-muted">${say.rich("plan.back", { time: Countdown(visit, until) })}</span>`}
  </li>`;
}
