import { lastDayUsage } from "../../src/store/index.ts";
import { actionUrl, definePage } from "../page.ts";
import { connectionName, providerName } from "../parts/names.ts";
import {
  Badge,
  Button,
  Card,
  Countdown,
  EmptyState,
  Facts,
  Heading,
  html,
  Icon,
  type Markup,
  Relative,
  Table,
} from "../ui/index.ts";
import type { Visit } from "../visit.ts";

const BREAKER_TONES = { CLOSED: "ok", OPEN: "bad", HALF_OPEN: "warn" } as const;

/** How everything is, in six cards. */
export const health = definePage({
  path: "/health",
  title: "health.title",
  menu: { group: "watch", icon: "pulse", letter: "t" },
  load: ({ engine, now }) => ({
    uptime: now - engine.startedAt,
    memory: process.memoryUsage().rss,
    running: engine.liveRequests().length,
    loopLagMs: engine.loop.recentLagMs(),
    shed: { ...engine.shed },
    ready: engine.readiness(),
    losses: engine.store.losses(),
    breakers: engine.health.breakers(),
    cooldowns: engine.health.cooldowns(),
    locked: engine.health.locked(),
    peers: engine.access.listLocks(),
    proofs: {
      entries: engine.caches.proofs.size,
      hits: engine.caches.proofs.hits,
      misses: engine.caches.proofs.misses,
    },
    lastDay: lastDayUsage(engine.store),
    latency: Object.entries(engine.telemetry.lately()),
  }),
  view: (data, visit) => {
    const { say } = visit;
    const troubled =
      data.breakers.some(({ state }) => state !== "CLOSED") || !data.ready.ready || isHeldUp(visit, data);
    return html`
      ${Heading({
        title: say("health.title"),
        badge: troubled
          ? Badge("warn", say("health.degraded"), { dot: true })
          : Badge("ok", say("health.healthy"), { dot: true }),
        lead: say("health.lead"),
        aside: html`<form method="post" action=${actionUrl(visit, "reset")}>
          ${Button({ label: say("health.reset"), icon: "refresh" })}
        </form>`,
      })}
      <div
        class="grid grid-cols-1 items-start gap-6 lg:grid-cols-2"
        id="health"
        data-live="health"
        data-every="10"
      >
        ${System(visit, data)} ${Breakers(visit, data)} ${Cooldowns(visit, data)} ${Locks(visit, data)}
        ${Proofs(visit, data)} ${Latency(visit, data)}
      </div>
    `;
  },
  actions: {
    reset: ({ engine, say }) => say("health.was-reset", { count: engine.health.resetAll() }),
    unlock: ({ engine, say }, form) => {
      const identifier = form.text("identifier");
      const done = identifier.startsWith("peer:")
        ? engine.access.unlock(identifier.slice("peer:".length))
        : engine.health.forceUnlock(identifier);
      return say(done ? "health.unlocked" : "health.not-locked");
    },
  },
});

type Data = {
  uptime: number;
  memory: number;
  running: number;
  loopLagMs: number;
  shed: Visit["engine"]["shed"];
  losses: ReturnType<Visit["engine"]["store"]["losses"]>;
  breakers: ReturnType<Visit["engine"]["health"]["breakers"]>;
  cooldowns: ReturnType<Visit["engine"]["health"]["cooldowns"]>;
  locked: ReturnType<Visit["engine"]["health"]["locked"]>;
  peers: ReturnType<Visit["engine"]["access"]["listLocks"]>;
  proofs: { entries: number; hits: number; misses: number };
  lastDay: ReturnType<typeof lastDayUsage>;
  latency: [string, ReturnType<Visit["engine"]["telemetry"]["lately"]>[string]][];
};

const isHeldUp = ({ engine }: Visit, { loopLagMs }: Data): boolean => loopLagMs >= engine.config.maxLoopLagMs;

function System(visit: Visit, data: Data): Markup {
  const { engine, say, show } = visit;
  const { uptime, memory, running, loopLagMs, shed, losses } = data;
  return Card({
    title: say("health.system"),
    children: Facts([
      [say("health.version"), engine.config.version],
      [say("health.uptime"), show.duration(uptime)],
      [say("health.memory"), show.bytes(memory)],
      [say("health.running"), show.number(running)],
      [
        say("health.loop-lag"),
        isHeldUp(visit, data)
          ? html`<span class="text-bad">${show.duration(loopLagMs)}</span>`
          : show.duration(loopLagMs),
      ],
      shed.loop > 0 && [say("health.shed-loop"), show.number(shed.loop)],
      shed.places > 0 && [say("health.shed-places"), show.number(shed.places)],
      [say("health.data"), html`<code class="break-all">${engine.config.dataDir}</code>`],
      losses.dropped > 0 && [say("health.dropped"), show.number(losses.dropped)],
      losses.trouble !== undefined && [
        say("health.disk"),
        html`<span class="text-bad">${losses.trouble}</span>`,
      ],
    ]),
  });
}

function Breakers(visit: Visit, { breakers }: Data): Markup {
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

function Cooldowns(visit: Visit, { cooldowns }: Data): Markup {
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

function Locks(visit: Visit, { locked, peers }: Data): Markup {
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

function Proofs({ say, show }: Visit, { proofs, lastDay }: Data): Markup {
  const asked = proofs.hits + proofs.misses;
  const input = lastDay.input + lastDay.cacheRead + lastDay.cacheWrite;
  return Card({
    title: say("health.proofs"),
    lead: say("health.proofs.lead"),
    children: Facts([
      [say("health.proofs.entries"), show.number(proofs.entries)],
      [say("health.proofs.rate"), asked === 0 ? "–" : show.percent(proofs.hits / asked)],
      [say("health.proofs.asked"), show.number(asked)],
      [
        say("health.prompt-cache"),
        input === 0
          ? "–"
          : say("health.prompt-cache.share", {
              share: show.percent(lastDay.cacheRead / input),
              tokens: show.compact(lastDay.cacheRead),
            }),
      ],
      [say("health.prompt-cache.written"), say("quota.tokens", { used: show.compact(lastDay.cacheWrite) })],
    ]),
  });
}

function Latency(visit: Visit, { latency }: Data): Markup {
  const { say, show } = visit;
  return Card({
    title: say("health.latency"),
    lead: say("health.latency.lead"),
    flush: true,
    children:
      latency.length === 0
        ? EmptyState({ icon: "clock", title: say("health.latency.empty") })
        : Table({
            rows: latency,
            label: say("health.latency"),
            columns: [
              { title: say("health.provider"), cell: ([id]) => providerName(visit.engine, id) },
              { title: say("health.count"), numeric: true, cell: ([, { count }]) => show.number(count) },
              { title: "p50", numeric: true, cell: ([, { p50 }]) => show.duration(p50) },
              { title: "p95", numeric: true, cell: ([, { p95 }]) => show.duration(p95) },
              { title: "p99", numeric: true, cell: ([, { p99 }]) => show.duration(p99) },
              {
                title: say("health.ttft"),
                numeric: true,
                wide: true,
                cell: ([, { ttft }]) => show.duration(ttft?.p50),
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
