import { lastDayUsage } from "../../../src/store/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import { providerName } from "../../parts/names.ts";
import { Badge, Button, Card, EmptyState, Facts, Heading, html, type Markup, Table } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { Breakers, Cooldowns, keptOut, type KeptOut, Locks } from "./kept-out.ts";

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
    keptOut: keptOut(engine),
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
      data.keptOut.breakers.some(({ state }) => state !== "CLOSED") ||
      !data.ready.ready ||
      isHeldUp(visit, data);
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
        ${System(visit, data)} ${Breakers(visit, data.keptOut)} ${Cooldowns(visit, data.keptOut)}
        ${Locks(visit, data.keptOut)} ${Proofs(visit, data)} ${Latency(visit, data)}
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
  keptOut: KeptOut;
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
