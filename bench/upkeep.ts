import { Database } from "bun:sqlite";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { chat, chatStream } from "./calls.ts";
import { cost } from "./cpu.ts";
import { BINARY } from "./gateway.ts";
import { closedLoop, leaveEarly, median, stall } from "./load.ts";
import { peakMib, restingCpuMs, rssMib } from "./process.ts";
import type { Servers } from "./servers.ts";
import type { Row } from "./table.ts";

const SETTLING_MS = 8000;
const IDLE_SECONDS = 20;
const HISTORY_CALLS = 100_000;
const LEAVING_CLIENTS = 20;

/** Start and rest. To be asked before anything else has been. */
export async function idleRows({ gateway, emptyStartMs }: Servers): Promise<Row[]> {
  // What a start leaves to be tidied up is not rest.
  await Bun.sleep(SETTLING_MS);
  const before = restingCpuMs(gateway.pid);
  await Bun.sleep(IDLE_SECONDS * 1000);
  const share = (restingCpuMs(gateway.pid) - before) / (IDLE_SECONDS * 1000);
  return [
    { what: "Start to first answer, empty data", value: emptyStartMs, unit: "ms", must: 500, aim: 250 },
    { what: "Start to first answer, existing data", value: gateway.startMs, unit: "ms", must: 200, aim: 100 },
    { what: "Size of the executable", value: statSync(BINARY).size / 1e6, unit: "MB", must: 130, aim: 118 },
    { what: "Idle memory", value: rssMib(gateway.pid), unit: "MiB", must: 90, aim: 70 },
    { what: "Idle CPU", value: share * 100, unit: "% of a core", must: 0.3, aim: 0.15 },
  ];
}

/** Clients that misbehave: one that stops reading a stream without end, and some that leave in the middle. */
export async function stallRows({ gateway, upstream }: Servers): Promise<Row[]> {
  const before = rssMib(gateway.pid);
  let release = () => {};
  const peak = await peakMib(gateway.pid, async () => {
    release = await stall(gateway.url, chatStream("openai/flood"));
    await Bun.sleep(3000);
  });
  release();
  await leaveEarly(gateway.url, chatStream("openai/paced"), LEAVING_CLIENTS);
  await Bun.sleep(500);
  const left = (await (await fetch(`${upstream.url}/open`)).json()) as number;
  return [
    { what: "Stalled reader: memory grown in 3 s", value: peak - before, unit: "MiB", must: 32, aim: 12 },
    {
      what: `Upstream streams left open by ${LEAVING_CLIENTS} clients that went away`,
      value: left,
      unit: "",
      must: 0,
      aim: 0,
    },
  ];
}

/** Does a long history make calls dearer, and what does it leave behind? To be asked last. */
export async function historyRows(servers: Servers, emptyCost: number): Promise<Row[]> {
  const { gateway } = servers;
  const call = chat("openai/small");
  await closedLoop(gateway.url, call, HISTORY_CALLS, 64);
  const after: number[] = [];
  for (let round = 0; round < 3; round++) after.push(await cost(gateway, call, 1000));
  await Bun.sleep(1500);
  return [
    {
      what: `CPU of a small call after ${HISTORY_CALLS} logged ones`,
      value: median(after) / emptyCost,
      unit: "× before",
      must: 1.15,
      aim: 1.05,
      note: `${median(after).toFixed(3)} ms, ${emptyCost.toFixed(3)} before`,
    },
    { what: "Memory after the whole run", value: rssMib(gateway.pid), unit: "MiB", must: 250, aim: 150 },
    { what: "Disk kept a logged call", value: bytesPerCall(servers), unit: "bytes", must: 600, aim: 300 },
  ];
}

/** What a small call costs while there is hardly any history, once everything is warm. */
export async function emptyCost({ gateway }: Servers): Promise<number> {
  const call = chat("openai/small");
  await closedLoop(gateway.url, call, 15_000);
  const before: number[] = [];
  for (let round = 0; round < 3; round++) before.push(await cost(gateway, call, 1000));
  return median(before);
}

function bytesPerCall({ directory }: Servers): number {
  const path = join(directory, "logs.sqlite");
  const database = new Database(path, { readonly: true });
  const { calls } = database.query("SELECT count(*) AS calls FROM requests").get() as { calls: number };
  database.close();
  const sizes = [path, `${path}-wal`].map((file) => (existsSync(file) ? statSync(file).size : 0));
  return sizes.reduce((sum, size) => sum + size) / calls;
}
