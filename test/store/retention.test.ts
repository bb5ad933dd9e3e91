import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  addAudit,
  listAudit,
  patchSettings,
  saveEvalRun,
  saveProof,
  totalUsage,
  trimLogs,
  type Store,
} from "../../src/store/index.ts";
import { summaryOf } from "../../src/core/eval-run.ts";
import type { FakeClock } from "../kit/fake-clock.ts";
import { freshStore, record } from "./kit.ts";

const DAY = 86_400_000;

const count = (store: Store, table: string) =>
  store.files[["audit_log", "changes"].includes(table) ? "config" : "logs"]
    .query<{ count: number }, []>(`SELECT count(*) AS count FROM ${table}`)
    .get()!.count;

/** Trims with the fake clock's hands turned for the pauses. */
async function trim(store: Store, clock: FakeClock) {
  const state = { done: false };
  const trimming = trimLogs(store).finally(() => (state.done = true));
  while (!state.done) {
    clock.advance(20);
    await Bun.sleep(0);
  }
  return trimming;
}

describe("trimming", () => {
  test("takes out what is older than the setting says, and keeps the daily sums", async () => {
    const { store, clock } = freshStore();
    patchSettings(store, { logRetentionDays: 30 });
    const now = clock.now();
    for (const days of [1, 29, 31, 400]) {
      store.requestLog.add(record({ at: now - days * DAY }));
      store.proxyLog.add({
        at: now - days * DAY,
        level: "global",
        type: "http",
        host: "p:1",
        target: "t",
        status: "ok",
        durationMs: 1,
      });
      saveEvalRun(store, {
        id: `run ${days}`,
        at: now - days * DAY,
        finishedAt: now - days * DAY,
        suiteId: "s",
        suiteName: "S",
        status: "done",
        models: [],
        summary: summaryOf([]),
        results: [],
      });
      addAudit(store, { at: now - days * DAY, action: "login", actor: "admin", result: "ok" });
    }
    store.requestLog.flush();
    store.proxyLog.flush();
    expect(await trim(store, clock)).toEqual({
      requests: 2,
      usage: 2,
      latencies: 5,
      recordings: 0,
      proxyLog: 2,
      audit: 2,
      changes: 0,
      proofs: 0,
      evalRuns: 2,
      answers: 0,
    });
    expect(
      ["requests", "usage_hourly", "usage_daily", "proxy_log", "audit_log"].map((name) => count(store, name)),
    ).toEqual([2, 2, 4, 2, 2]);
    expect(totalUsage(store, { from: 0, to: now, per: "day" }).requests).toBe(4);
    store.close();
  });

  test("keeps the newest rows up to the caps, and gives the space back", async () => {
    const { store, clock } = freshStore();
    const now = clock.now();
    const insert = store.files.logs.prepare(
      "INSERT INTO requests (seq, id, path, key_id, source_format, stream, status, duration_ms, error_message) VALUES (?, 'x', '/v1/x', 'k', 1, 0, 200, 1, ?)",
    );
    store.files.logs.transaction(() => {
      for (let index = 0; index < 105_000; index++)
        insert.run((now - 200_000 + index) * 1024, "x".repeat(200));
    })();
    const fill = store.files.config.prepare(
      "INSERT INTO audit_log (at, action, actor, result) VALUES (?, 'x', 'x', 'ok')",
    );
    store.files.config.transaction(() => {
      for (let index = 0; index < 50_003; index++) fill.run(now);
    })();
    expect(await trim(store, clock)).toMatchObject({ requests: 5000, audit: 3 });
    expect([count(store, "requests"), count(store, "audit_log")]).toEqual([100_000, 50_000]);
    expect(listAudit(store, { limit: 1 })[0]!.id).toBe(50_003);
    const oldest = store.files.logs.query<{ seq: number }, []>("SELECT min(seq) AS seq FROM requests").get()!
      .seq;
    expect(oldest).toBe((now - 200_000 + 5000) * 1024);
    const free = store.files.logs.query<{ freelist_count: number }, []>("PRAGMA freelist_count").get()!;
    expect(free.freelist_count).toBeLessThanOrEqual(200);
    store.close();
  });

  test("takes out proofs whose time is over, and the first to end beyond the cap", async () => {
    const { store, clock } = freshStore();
    const now = clock.now();
    saveProof(store, { keyId: "k", id: "over", value: "v", expiresAt: now + 1 });
    for (let index = 0; index < 20_005; index++) {
      saveProof(store, { keyId: "k", id: `call_${index}`, value: "v", expiresAt: now + DAY + index });
      if (index % 5000 === 0) store.vault.flush();
    }
    store.vault.flush();
    clock.advance(10);
    await trim(store, clock);
    expect(count(store, "proofs")).toBe(20_000);
    expect(store.vault.find("k", "call_4")).toBeUndefined();
    expect(store.vault.find("k", "call_5")).toBe("v");
    store.close();
  });

  test("runs by itself a minute after the start and each hour", async () => {
    const { store, clock } = freshStore();
    const add = () => {
      store.requestLog.add(record({ at: clock.now() - 100 * DAY }));
      store.requestLog.flush();
    };
    add();
    clock.advance(61_000);
    await Bun.sleep(0);
    expect(count(store, "requests")).toBe(0);
    add();
    clock.advance(3_600_000);
    await Bun.sleep(0);
    expect(count(store, "requests")).toBe(0);
    store.close();
  });

  test("stops when told to", async () => {
    const { store, clock } = freshStore();
    store.requestLog.add(record({ at: clock.now() - 100 * DAY }));
    store.requestLog.flush();
    expect(await trimLogs(store, AbortSignal.abort())).toMatchObject({ requests: 0 });
    expect(count(store, "requests")).toBe(1);
    store.close();
  });

  test("every table is trimmed, or grows by what people set up alone", async () => {
    const { store, clock } = freshStore();
    const source = readFileSync(join(import.meta.dir, "../../src/store/retention.ts"), "utf8");
    const SET_UP = [
      "provider_connections",
      "provider_nodes",
      "combos",
      "api_keys",
      "key_groups",
      "key_value",
      "aliases",
      "fallback_chains",
      "custom_models",
      "prices",
      "migrations",
    ];
    // One row a breaker, cooldown or counter, replaced as a whole; sessions end by themselves.
    const REPLACED = ["health", "sessions"];
    // Goes with its recording.
    const BELONGING = ["recording_parts"];
    const tables = [store.files.config, store.files.logs].flatMap((database) =>
      database
        .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
        .all()
        .map(({ name }) => name),
    );
    const growing = tables.filter((name) => ![...SET_UP, ...REPLACED, ...BELONGING].includes(name));
    expect(growing.length).toBeGreaterThan(7);
    for (const name of growing)
      expect([name, source.includes(`"${name}"`) || source.includes(`FROM ${name} `)]).toEqual([name, true]);
    await trim(store, clock);
    store.close();
  });

  test("what changes did goes with their age and beyond the cap, and stays undoable until then", async () => {
    const { store, clock } = freshStore();
    const now = clock.now();
    const fill = store.files.config.prepare(
      "INSERT INTO changes (audit_id, at, entity, key) VALUES (1, ?, 'combos', '[]')",
    );
    store.files.config.transaction(() => {
      for (let index = 0; index < 3; index++) fill.run(now - 100 * DAY);
      for (let index = 0; index < 20_005; index++) fill.run(now);
    })();
    expect(await trim(store, clock)).toMatchObject({ changes: 8 });
    expect(count(store, "changes")).toBe(20_000);
    store.close();
  });
});
