import { type Call, chat, chatStream, longChat, messages, messagesStream, pictureChat } from "./calls.ts";
import { closedLoop, median } from "./load.ts";
import { type Child, cpuSpan } from "./process.ts";
import type { Servers } from "./servers.ts";
import type { Row } from "./table.ts";

const ROUNDS = 3;
const WARM_UP_CALLS = 10_000;
const BIG_CHUNKS = 256;
const PACED_CHUNKS = 100;
const PACED_STREAMS = 50;

/** CPU-milliseconds a call. */
type Costs = { gateway: number; bare: number; nginx: number };
/** How much to ask, and how much of it at a time. */
type Load = { count: number; width?: number };

/** What calls cost in CPU, beside nginx and the bare proxy in the same rounds. */
export async function cpuRows(servers: Servers): Promise<Row[]> {
  // Until the runtime has compiled what is often called, its compiler is most of the cost.
  await closedLoop(servers.gateway.url, chat("openai/small"), WARM_UP_CALLS);
  const whole = { count: 3000 };
  const small = await costs(servers, chat("openai/small"), chat("small"), whole);
  const translated = await costs(servers, messages("openai/small"), chat("small"), whole);
  const other = await costs(servers, chat("anthropic/small"), messages("small"), whole);
  const long = await costs(servers, longChat("openai/small"), longChat("small"), { count: 450 });
  const picture = await costs(servers, pictureChat("openai/small"), pictureChat("small"), { count: 90 });
  const refused = await costs(servers, chat("falls"), chat("small"), { count: 1500 });
  return [
    { what: "CPU of a small call", ...besideNginx(small), must: 8, aim: 5 },
    {
      what: "CPU of a small call, Messages client, chat provider",
      value: translated.gateway / small.gateway,
      unit: "× own pass-through",
      must: 1.5,
      aim: 1.25,
      note: told(translated),
    },
    {
      what: "CPU of a small call, chat client, Messages provider",
      value: other.gateway / small.gateway,
      unit: "× own pass-through",
      must: 1.5,
      aim: 1.25,
      note: told(other),
    },
    { what: "CPU of a 200 KB request", ...besideNginx(long), must: 7, aim: 3 },
    { what: "CPU of a 1 MB image", ...besideNginx(picture), must: 5, aim: 2.5 },
    {
      what: "CPU of a call whose first target refuses",
      value: refused.gateway / small.gateway,
      unit: "× own pass-through",
      note: told(refused),
    },
    ...(await streamRows(servers)),
  ];
}

async function streamRows(servers: Servers): Promise<Row[]> {
  const coalesced = { count: 450 };
  const paced = { count: PACED_STREAMS * ROUNDS, width: PACED_STREAMS };
  const chunk = (sums: Costs, chunks: number) => (sums.gateway / chunks) * 1000;
  const big = await costs(servers, chatStream("openai/big"), chatStream("big"), coalesced);
  const written = await costs(servers, messagesStream("openai/big"), chatStream("big"), coalesced);
  const slow = await costs(servers, chatStream("openai/paced"), chatStream("paced"), paced);
  const rewritten = await costs(servers, messagesStream("openai/paced"), chatStream("paced"), paced);
  return [
    {
      what: "CPU of a coalesced chunk, same format",
      value: chunk(big, BIG_CHUNKS),
      unit: "µs",
      must: 3,
      aim: 1.5,
      note: toldOfChunks(big, BIG_CHUNKS),
    },
    {
      what: "CPU of a coalesced chunk, translated",
      value: chunk(written, BIG_CHUNKS),
      unit: "µs",
      must: 5,
      aim: 3,
      note: toldOfChunks(written, BIG_CHUNKS),
    },
    {
      what: "CPU of a paced chunk, same format",
      ...besideNginx(slow),
      must: 2.5,
      aim: 1.8,
      note: toldOfChunks(slow, PACED_CHUNKS),
    },
    {
      what: "CPU of a paced chunk, translated",
      ...besideNginx(rewritten),
      must: 3.5,
      aim: 2.3,
      note: toldOfChunks(rewritten, PACED_CHUNKS),
    },
  ];
}

/** The cost of one kind of call through each of the three, the median of interleaved rounds. */
async function costs(servers: Servers, ours: Call, plain: Call, { count, width }: Load): Promise<Costs> {
  const { gateway, bare, nginx } = servers;
  const each = Math.ceil(count / ROUNDS);
  const rounds: Costs[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const sums = {
      gateway: await cost(gateway, ours, each, width),
      bare: await cost(bare, plain, each, width),
      nginx: nginx ? await cost(nginx, plain, each, width) : Number.NaN,
    };
    // The first round only warms up.
    if (round >= 0) rounds.push(sums);
  }
  const middle = (who: keyof Costs) => median(rounds.map((sums) => sums[who]));
  return { gateway: middle("gateway"), bare: middle("bare"), nginx: middle("nginx") };
}

/** CPU-milliseconds a call, over `count` calls. */
export async function cost(child: Child, call: Call, count: number, width?: number): Promise<number> {
  const used = cpuSpan(child.pid);
  await closedLoop(child.url, call, count, width);
  return used() / count;
}

function besideNginx(sums: Costs): Pick<Row, "value" | "unit" | "note"> {
  return { value: sums.gateway / sums.nginx, unit: "× nginx", note: told(sums) };
}

function told({ gateway, bare, nginx }: Costs): string {
  const beside = Number.isNaN(nginx) ? "" : `, nginx ${nginx.toFixed(3)}`;
  return `${gateway.toFixed(3)} ms; bare proxy ${bare.toFixed(3)}${beside}`;
}

function toldOfChunks({ gateway, bare, nginx }: Costs, chunks: number): string {
  const us = (ms: number) => ((ms / chunks) * 1000).toFixed(2);
  const beside = Number.isNaN(nginx) ? "" : `, nginx ${us(nginx)}`;
  return `${us(gateway)} µs; bare proxy ${us(bare)}${beside}`;
}
