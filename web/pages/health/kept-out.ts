import type { Engine } from "../../../src/engine.ts";
import { actionUrl } from "../../page.ts";
import { connectionName, providerName } from "../../parts/names.ts";
import {
  Badge,
  Button,
  Card,
  Countdown,
  EmptyState,
  html,
  Icon,
  type Markup,
  Relative,
  Table,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const BREAKER_TONES = { CLOSED: "ok", OPEN: "bad", HALF_OPEN: "warn" } as const;

/** All that is kept from use for a while. */
export type KeptOut = ReturnType<typeof keptOut>;

/** What is kept from use at this moment: providers, accounts and their models, and who tried too many passwords. */
export const keptOut = ({ health, access }: Engine) => ({
  breakers: health.breakers(),
  cooldowns: health.cooldowns(),
  locked: health.locked(),
  peers: access.listLocks(),
});

/** Providers that failed, and which of them are left out. */
export function Breakers(visit: Visit, { breakers }: KeptOut): Markup {
  const { say } = visit;
  return Card({
    title: say("health.breakers"),
    lead: say("health.breakers.lead"),
    flush: true,
    children:
      breakers.length === 0
        ? EmptyState({ icon: "check", title: say("health.breakers.empty") })
        : Table({
            rows: breakers,
            label: say("health.breakers"),
            columns: [
              { title: say("health.provider"), cell: ({ name }) => providerName(visit.engine, name) },
              {
                title: say("health.state"),
                cell: ({ state, openUntil }) =>
                  html`${Badge(BREAKER_TONES[state], say(`breaker.${state}`))}
                  ${
                    openUntil !== undefined &&
                    html`<span class="text-small text-muted">${Countdown(visit, openUntil)}</span>`
                  }`,
              },
              {
                title: say("health.failures"),
                numeric: true,
                cell: ({ failureCount }) => visit.show.number(failureCount),
              },
              {
                title: say("health.last-failure"),
                wide: true,
                cell: ({ lastFailureTime }) => Relative(visit, lastFailureTime),
              },
            ],
          }),
  });
}

/** Accounts and models that rest until a time. */
export function Cooldowns(visit: Visit, { cooldowns }: KeptOut): Markup {
  const { say, engine } = visit;
  return Card({
    title: say("health.cooldowns"),
    lead: say("health.cooldowns.lead"),
    flush: true,
    children:
      cooldowns.length === 0
        ? EmptyState({ icon: "check", title: say("health.cooldowns.empty") })
        : Table({
            rows: cooldowns,
            label: say("health.cooldowns"),
            columns: [
              {
                title: say("health.connection"),
                cell: ({ connectionId, provider, modelId }) =>
                  html`<p>${connectionName(engine, connectionId) ?? providerName(visit.engine, provider)}</p>
                    ${modelId !== undefined && html`<p class="font-mono text-tiny break-all text-muted">${modelId}</p>`}`,
              },
              { title: say("health.reason"), cell: ({ kind }) => say(`cooldown.${kind}`) },
              { title: say("health.left"), numeric: true, cell: ({ until }) => Countdown(visit, until) },
            ],
          }),
  });
}

/** Everything that can be let in again by hand. */
export function Locks(visit: Visit, { locked, peers }: KeptOut): Markup {
  const { say } = visit;
  const all = [
    ...peers.map(({ peer, until }) => ({
      identifier: `peer:${peer}`,
      words: peer,
      kind: "peer" as const,
      until,
    })),
    ...locked.map(({ identifier, kind, until }) => ({
      identifier,
      words: lockedName(visit, identifier),
      kind,
      until,
    })),
  ];
  return Card({
    title: say("health.locks"),
    lead: say("health.locks.lead"),
    flush: true,
    children:
      all.length === 0
        ? EmptyState({ icon: "lock", title: say("health.locks.empty") })
        : Table({
            rows: all,
            label: say("health.locks"),
            columns: [
              {
                title: say("health.what"),
                cell: ({ words, kind }) =>
                  html`<p class="break-all">${words}</p>
                    <p class="text-tiny text-muted">${say(`lock.${kind}`)}</p>`,
              },
              {
                title: say("health.left"),
                numeric: true,
                cell: ({ until }) => (until === undefined ? "–" : Countdown(visit, until)),
              },
              {
                title: say("common.actions"),
                silent: true,
                numeric: true,
                cell: ({ identifier }) =>
                  html`<form method="post" action=${actionUrl(visit, "unlock")}>
                    <input type="hidden" name="identifier" value=${identifier} />
                    ${Button({ label: say("health.unlock"), small: true })}
                  </form>`,
              },
            ],
          }),
  });
}

function lockedName(visit: Visit, identifier: string): Markup {
  const at = identifier.indexOf(":");
  const [kind, name] = [identifier.slice(0, at), identifier.slice(at + 1)];
  if (kind === "breaker") return providerName(visit.engine, name);
  const slash = name.indexOf("/");
  const id = kind === "model" && slash >= 0 ? name.slice(0, slash) : name;
  const account = connectionName(visit.engine, id) ?? id;
  return kind === "model"
    ? html`${account} ${Icon("right", "inline size-3")} <code>${name.slice(slash + 1)}</code>`
    : account;
}
