import { type LabelValues, Reading } from "./family.ts";

/** How things stand at this moment. */
export type GatewayState = {
  version: string;
  instance: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  inFlight: number;
  waiting: number;
  /** The longest time lately that the event loop was held up. */
  loopLagMs: number;
  /** Calls refused because there was too much to do, by what there was too little of. */
  shed: Readonly<{ [reason: string]: number }>;
  breakers: readonly { provider: string; state: string }[];
  /** How many connections and models are set aside, by provider and kind. */
  cooldowns: readonly { provider: string; kind: string }[];
  /** Caches by name. */
  caches: Readonly<{ [cache: string]: { entries: number; hits: number; misses: number } }>;
  /** Rows on their way to the disk. */
  queuedRows: number;
  /** Rows and lines that were lost, by what they were. */
  dropped: Readonly<{ [what: string]: number }>;
  memory: { rss: number; heapUsed: number };
  cpuSeconds: number;
};

type Spec = {
  name: string;
  help: string;
  labels?: readonly string[];
  type?: "gauge" | "counter";
  read(state: GatewayState): (readonly [LabelValues, number])[];
};

const BREAKER_STATES = ["closed", "half-open", "open"];

const READINGS: readonly Spec[] = [
  {
    name: "omniroute_build_info",
    help: "The release that runs, and the name of this installation.",
    labels: ["version", "instance"],
    read: ({ version, instance }) => [[[version, instance], 1]],
  },
  {
    name: "omniroute_requests_in_flight",
    help: "Calls in work.",
    read: ({ inFlight }) => [[[], inFlight]],
  },
  {
    name: "omniroute_requests_waiting",
    help: "Calls that wait for their turn.",
    read: ({ waiting }) => [[[], waiting]],
  },
  {
    name: "omniroute_shed_calls_total",
    help: "Calls refused because there was too much to do: no place left, or the event loop held up.",
    labels: ["reason"],
    type: "counter",
    read: ({ shed }) => Object.entries(shed).map(([reason, count]) => [[reason], count] as const),
  },
  {
    name: "omniroute_event_loop_lag_seconds",
    help: "The longest time in the last minute or two that the event loop was held up.",
    read: ({ loopLagMs }) => [[[], loopLagMs / 1000]],
  },
  {
    name: "omniroute_breaker_state",
    help: "1 for the state a provider's breaker is in.",
    labels: ["provider", "state"],
    read: ({ breakers }) =>
      breakers.flatMap(({ provider, state }) =>
        BREAKER_STATES.map((each) => [[provider, each], each === state ? 1 : 0] as const),
      ),
  },
  {
    name: "omniroute_cooldowns",
    help: "Connections and models set aside for now.",
    labels: ["provider", "kind"],
    read: ({ cooldowns }) =>
      [...Map.groupBy(cooldowns, ({ provider, kind }) => `${provider}\u0000${kind}`).values()].map(
        (alike) => [[alike[0]!.provider, alike[0]!.kind], alike.length] as const,
      ),
  },
  {
    name: "omniroute_cache_entries",
    help: "What caches hold in memory.",
    labels: ["cache"],
    read: ({ caches }) => Object.entries(caches).map(([name, { entries }]) => [[name], entries] as const),
  },
  {
    name: "omniroute_cache_hits_total",
    help: "Questions a cache could answer.",
    labels: ["cache"],
    type: "counter",
    read: ({ caches }) => Object.entries(caches).map(([name, { hits }]) => [[name], hits] as const),
  },
  {
    name: "omniroute_cache_misses_total",
    help: "Questions a cache could not answer.",
    labels: ["cache"],
    type: "counter",
    read: ({ caches }) => Object.entries(caches).map(([name, { misses }]) => [[name], misses] as const),
  },
  {
    name: "omniroute_write_queue_rows",
    help: "Rows on their way to the disk.",
    read: ({ queuedRows }) => [[[], queuedRows]],
  },
  {
    name: "omniroute_dropped_total",
    help: "Rows, lines and spans that were lost.",
    labels: ["what"],
    type: "counter",
    read: ({ dropped }) => Object.entries(dropped).map(([what, count]) => [[what], count] as const),
  },
  {
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes.",
    read: ({ memory }) => [[[], memory.rss]],
  },
  {
    name: "process_heap_bytes",
    help: "Memory of the program's own objects in bytes.",
    read: ({ memory }) => [[[], memory.heapUsed]],
  },
  {
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds.",
    type: "counter",
    read: ({ cpuSeconds }) => [[[], cpuSeconds]],
  },
  {
    name: "process_start_time_seconds",
    help: "Start time of the process since unix epoch in seconds.",
    read: ({ startedAt }) => [[[], startedAt / 1000]],
  },
];

/** The state as lines of the text format. */
export function stateLines(state: GatewayState): string[] {
  return READINGS.flatMap(({ name, help, labels = [], type = "gauge", read }) =>
    new Reading(name, help, labels, type).show(read(state)).lines(),
  );
}
