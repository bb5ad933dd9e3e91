import { type Call, chat, chatStream } from "./calls.ts";
import { openLoop, percentile, type Timing } from "./load.ts";
import { peakMib } from "./process.ts";
import type { Servers } from "./servers.ts";
import type { Row } from "./table.ts";

const PER_SECOND = 50;
const SECONDS = 4;
const CROWD = 2000;
/** Begun over as long as one takes, so that all are open at once in the end. */
const CROWD_SECONDS = 8;

/** How much later answers come than from the provider itself. */
export async function latencyRows(servers: Servers): Promise<Row[]> {
  const whole = await compared(servers, chat("openai/small"), chat("small"));
  const stream = await compared(servers, chatStream("openai/small"), chatStream("small"));
  const falls = await steady(servers.gateway.url, chat("falls"));
  const added = (timing: Timing, of: "total" | "firstByte", share: number, base: Timing) =>
    percentile(timing[of], share) - percentile(base[of], share);
  return [
    {
      what: `Added latency at ${PER_SECOND} calls/s, p50`,
      value: added(whole.gateway, "total", 0.5, whole.direct),
      unit: "ms",
      must: 1.2,
      aim: 0.8,
      note: whole.nginx && `nginx ${added(whole.nginx, "total", 0.5, whole.direct).toFixed(2)}`,
    },
    {
      what: `Added latency at ${PER_SECOND} calls/s, p99 over nginx's`,
      value: whole.nginx ? added(whole.gateway, "total", 0.99, whole.nginx) : Number.NaN,
      unit: "ms",
      must: 4,
      aim: 2,
    },
    {
      what: `Added time to first byte at ${PER_SECOND} streams/s, p50`,
      value: added(stream.gateway, "firstByte", 0.5, stream.direct),
      unit: "ms",
      must: 1.5,
      aim: 1,
      note: stream.nginx && `nginx ${added(stream.nginx, "firstByte", 0.5, stream.direct).toFixed(2)}`,
    },
    {
      what: `Added time to first byte at ${PER_SECOND} streams/s, p99 over nginx's`,
      value: stream.nginx ? added(stream.gateway, "firstByte", 0.99, stream.nginx) : Number.NaN,
      unit: "ms",
      must: 6,
      aim: 3,
    },
    {
      what: "First target of a combo refuses: added p50",
      value: added(falls, "total", 0.5, whole.gateway),
      unit: "ms",
      must: 3,
      aim: 1.5,
    },
  ];
}

/** Two thousand streams at once: are they all served, how late do they begin, and what do they take? */
export async function crowdRows({ upstream, gateway }: Servers): Promise<Row[]> {
  const direct = await openLoop(upstream.url, chatStream("slow"), CROWD, CROWD_SECONDS);
  let ours: Timing = { total: [], firstByte: [], failed: CROWD };
  const peak = await peakMib(gateway.pid, async () => {
    ours = await openLoop(gateway.url, chatStream("openai/slow"), CROWD, CROWD_SECONDS);
  });
  const added = (share: number) => percentile(ours.firstByte, share) - percentile(direct.firstByte, share);
  return [
    { what: `${CROWD} streams at once: lost or unfinished`, value: ours.failed, unit: "", must: 0, aim: 0 },
    { what: "… added time to first byte, p50", value: added(0.5), unit: "ms", must: 3, aim: 1 },
    { what: "… added time to first byte, p99", value: added(0.99), unit: "ms", must: 150, aim: 30 },
    { what: "… most memory held", value: peak, unit: "MiB", must: 300, aim: 180 },
  ];
}

type Compared = { direct: Timing; gateway: Timing; nginx: Timing | undefined };

async function compared({ upstream, gateway, nginx }: Servers, ours: Call, plain: Call): Promise<Compared> {
  return {
    direct: await steady(upstream.url, plain),
    gateway: await steady(gateway.url, ours),
    nginx: nginx && (await steady(nginx.url, plain)),
  };
}

async function steady(url: string, call: Call): Promise<Timing> {
  const timing = await openLoop(url, call, PER_SECOND * SECONDS, SECONDS);
  if (timing.failed > 0) throw new Error(`${timing.failed} calls to ${url}${call.path} failed.`);
  return timing;
}
