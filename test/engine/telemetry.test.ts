import { afterEach, beforeEach, expect, test } from "bun:test";
import { listRequests, totalUsage } from "../../src/store/index.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { record } from "../store/samples.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess();
});
afterEach(() => gateway.stop());

/** Lets a call begin and end as the relay does. */
function call(changes: Parameters<typeof record>[0]): void {
  const ended = record({ at: gateway.clock.now(), ...changes });
  gateway.engine.relayDeps.journal.started(ended);
  gateway.engine.relayDeps.journal.ended(ended);
}

test("percentiles are told by provider and by model, exactly for minutes and nearly for days", async () => {
  for (let number = 1; number <= 100; number++)
    call({ id: `a${number}`, durationMs: number * 10, firstContentMs: number });
  call({ id: "b", provider: "glm", model: "glm/glm-4.7", durationMs: 5000 });
  call({ id: "failed", status: 502, errorCode: "bad_gateway", durationMs: 99_999 });

  const { body } = await gateway.admin("GET", "/api/telemetry/summary");
  expect(body).toMatchObject({
    windowMs: 300_000,
    count: 101,
    byProvider: { groq: { count: 100, p50: 500, p95: 950, p99: 990, ttft: { p50: 50 } }, glm: { p50: 5000 } },
    byModel: { "groq/llama-3.3-70b-versatile": { count: 100, p95: 950 }, "glm/glm-4.7": { count: 1 } },
  });

  await gateway.clock.run(HOUR_MS);
  expect((await gateway.admin("GET", "/api/telemetry/summary")).body).toMatchObject({
    count: 0,
    phaseBreakdown: null,
    byProvider: {},
  });
  const { body: day } = await gateway.admin("GET", `/api/telemetry/summary?windowMs=${24 * HOUR_MS}`);
  expect(day).toMatchObject({ count: 101, byProvider: { groq: { count: 100 } } });
  for (const [name, exact] of [
    ["p50", 500],
    ["p95", 950],
    ["p99", 990],
  ] as const) {
    expect(Math.abs(day.byProvider.groq[name] - exact)).toBeLessThanOrEqual(exact * 0.06);
  }
  expect(day.phaseBreakdown).toEqual({ waitedMs: 0, retriedMs: 0, firstContentMs: 54, restMs: 495 });
  const refused = await gateway.admin("GET", "/api/telemetry/summary?windowMs=99999999999");
  expect(refused.status).toBe(400);
});

test("percentiles are told over time, by hours and by days, of all calls, a provider or a model", async () => {
  const start = Math.floor(gateway.clock.now() / HOUR_MS) * HOUR_MS;
  for (const hours of [0, 1, 25]) {
    gateway.clock.jump(start + hours * HOUR_MS - gateway.clock.now());
    for (let number = 1; number <= 100; number++)
      call({ id: `${hours}-${number}`, durationMs: number * 10 * (hours + 1), firstContentMs: number });
    call({ id: `${hours}-glm`, provider: "glm", model: "glm/glm-4.7", durationMs: 5000 });
    gateway.engine.store.requestLog.flush();
  }
  const asked = async (query: string) =>
    (await gateway.admin("GET", `/api/telemetry/history?${query}`)).body.points as {
      [field: string]: number | string;
    }[];
  const near = (value: unknown, exact: number) =>
    expect(Math.abs(Number(value) - exact)).toBeLessThanOrEqual(exact * 0.06);

  const hours = await asked("per=hour&provider=groq");
  expect(hours.map(({ time, count }) => [time, count])).toEqual(
    [0, 1, 25].map((hour) => [new Date(start + hour * HOUR_MS).toISOString(), 100]),
  );
  for (const [index, times] of [1, 2, 26].entries()) {
    near(hours[index]!.p50, 500 * times);
    near(hours[index]!.p95, 950 * times);
    near(hours[index]!.p99, 990 * times);
  }
  const days = await asked("model=glm/glm-4.7");
  expect(days.map(({ count }) => count)).toEqual([2, 1]);
  near(days[0]!.p99, 5000);
  expect((await asked("")).map(({ count }) => count)).toEqual([202, 101]);
  near((await asked("of=first-content&provider=groq"))[0]!.p95, 95);
  expect(await asked("provider=nobody")).toEqual([]);
  expect((await gateway.admin("GET", "/api/telemetry/history?per=minute")).status).toBe(400);
});

test("a day of traffic keeps the tables, the memory and the lists within their bounds", async () => {
  const { clock, engine } = gateway;
  const start = clock.now();
  for (let minute = 0; minute < 24 * 60; minute++) {
    for (let number = 0; number < 100; number++)
      call({ id: `r${minute}-${number}`, model: `groq/model-${(minute * 7 + number) % 700}`, attempts: [] });
    engine.log.info("test", "A minute is over.", { minute, text: "x".repeat(900) });
    engine.store.requestLog.flush();
    clock.advance(MINUTE_MS);
    await Bun.sleep(0);
    if (minute % 60 === 59) await clock.run(10_000);
  }
  await clock.run(2 * HOUR_MS);
  const count = (table: string) =>
    engine.store.files.logs.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM ${table}`).get()!.rows;
  expect(count("requests")).toBeLessThanOrEqual(100_000);
  expect(count("requests")).toBeGreaterThan(90_000);
  expect(totalUsage(engine.store, { from: start, to: clock.now(), per: "day" }).requests).toBe(144_000);
  expect(engine.liveRequests()).toEqual([]);
  expect(engine.store.requestLog.size).toBe(0);
  expect(Object.keys(engine.telemetry.summary(15 * MINUTE_MS).byModel).length).toBeLessThanOrEqual(500);
  expect(engine.console.list({ limit: 1000 }).length).toBeLessThanOrEqual(1000);
  expect(listRequests(engine.store).requests).toHaveLength(50);

  // The tables of distributions keep a week.
  await clock.run(0);
  clock.advance(8 * 24 * HOUR_MS);
  await clock.run(2 * HOUR_MS);
  expect(count("latency_hourly")).toBe(0);
}, 60_000);
