import type { Connection } from "../core/connection.ts";
import { badRequest, CODES, type ErrorCode, GatewayError } from "../core/errors.ts";
import type { ClientFormat } from "../core/format.ts";
import { DASHBOARD } from "../core/key.ts";
import type { ModelDefinition, ProviderDefinition } from "../core/provider.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Effort } from "../core/request.ts";
import { DEFAULT_SETTINGS } from "../core/settings.ts";
import type { Plan, PlanConfig, Target } from "../core/target.ts";
import { ProofKeeper } from "../caching/index.ts";
import { CLIENT_FORMATS, geminiArray, PROVIDER_FORMATS } from "../formats/index.ts";
import { SimulatedClock } from "../lib/simulated-clock.ts";
import { providerOfNode, PROVIDERS } from "../providers/index.ts";
import { createRelay, type Inbound, type RelayDeps } from "../relay/index.ts";
import { HealthBoard, LimitBoard, QuotaBook, RoutingMemory } from "../routing/index.ts";
import { bytesOf, type Departure, PlayedOutbound } from "./played-outbound.ts";
import type { KeptTarget, Recording } from "./recording.ts";

type Outcome = Recording["outcome"];

export type Replay = {
  then: Outcome;
  now: Outcome;
  /** Status, error and tries are those of then. */
  sameOutcome: boolean;
  /** So are the bytes the client gets, but for ids, times and comments; undefined where none were kept. */
  sameAnswer: boolean | undefined;
  /** The answer of now, as the client would get it. */
  answer: string;
  departures: readonly Departure[];
};

/**
 * Plays a recorded call again: with the code of now, the provider's bytes of then and a clock of its own. Reaches for
 * nothing outside. Throws `bad_request` for a recording that cannot be played: not all of a body was kept, or its
 * provider is not known here.
 */
export async function replay(recording: Recording): Promise<Replay> {
  refuseIncomplete(recording);
  const clock = new SimulatedClock(recording.at);
  const outbound = new PlayedOutbound(recording.exchanges, clock);
  const ended: RequestRecord[] = [];
  const deps = depsFor(recording, clock, outbound, (record) => ended.push(record));
  const answer = await clock.run(called(deps, recording, clock));
  const [record] = ended;
  if (!record) throw new Error("The replayed call left no record.");
  const now = outcomeOf(record);
  const kept = recording.answer?.body;
  return {
    then: recording.outcome,
    now,
    sameOutcome: JSON.stringify(comparable(now)) === JSON.stringify(comparable(recording.outcome)),
    sameAnswer: kept?.whole ? steady(answer) === steady(bytesOf(kept).toString()) : undefined,
    answer,
    departures: outbound.departures,
  };
}

function refuseIncomplete({ request, exchanges, outcome }: Recording): void {
  if (outcome.cache !== undefined && exchanges.length === 0)
    throw badRequest("This call was answered from a cache: there is nothing to play again.");
  if (!request.body.whole)
    throw badRequest("This bundle cannot be played: the request was too long to be kept whole.");
  if (exchanges.some(({ answer }) => answer?.body.whole === false))
    throw badRequest("This bundle cannot be played: an answer was too long to be kept whole.");
}

async function called(deps: RelayDeps, { id, request }: Recording, clock: SimulatedClock): Promise<string> {
  const client = new AbortController();
  if (request.leftMs !== undefined) clock.after(request.leftMs, () => client.abort());
  const inbound: Inbound = {
    requestId: id,
    path: request.path,
    format: clientFormat(request),
    ...((request.pathModel !== undefined || request.pathStream !== undefined) && {
      pathFacts: {
        ...(request.pathModel !== undefined && { model: request.pathModel }),
        ...(request.pathStream !== undefined && { stream: request.pathStream }),
      },
    }),
    ...(request.providerRoute !== undefined && { providerRoute: request.providerRoute }),
    body: new Uint8Array(bytesOf(request.body)),
    headers: new Headers(Object.entries(request.headers)),
    caller: DASHBOARD,
    signal: client.signal,
  };
  try {
    const { response, ended } = await createRelay(deps).chat(inbound);
    const left = new Promise<undefined>((resolve) =>
      client.signal.addEventListener("abort", () => resolve(undefined)),
    );
    const text = await readUntil(response, left);
    await ended;
    return text;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return JSON.stringify(inbound.format.encodeError(error, id));
  }
}

/** The answer's text, up to where the client left. */
async function readUntil(response: Response, left: Promise<undefined>): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const read = await Promise.race([reader?.read(), left]);
    if (read === undefined || read.done) {
      await reader?.cancel();
      return text;
    }
    text += decoder.decode(read.value, { stream: true });
  }
}

function clientFormat({ clientFormat: id, jsonArray }: Recording["request"]): ClientFormat {
  if (id === "gemini" && jsonArray) return geminiArray;
  const format = Object.values(CLIENT_FORMATS).find((each) => each.id === id);
  if (!format) throw badRequest(`This bundle cannot be played: the format ${id} is not known here.`);
  return format;
}

function depsFor(
  recording: Recording,
  clock: SimulatedClock,
  outbound: PlayedOutbound,
  ended: (record: RequestRecord) => void,
): RelayDeps {
  const random = () => 0.5;
  const settings = { ...DEFAULT_SETTINGS, ...recording.settings };
  const plan = planner(recording);
  return {
    version: recording.release,
    clock,
    random,
    outbound,
    formats: PROVIDER_FORMATS,
    health: new HealthBoard({ clock, random }),
    limits: new LimitBoard(clock),
    memory: new RoutingMemory(clock),
    quotas: new QuotaBook(clock),
    journal: { started: () => {}, ended },
    proofs: new ProofKeeper({ save: () => {}, find: () => undefined }, clock),
    tokens: {
      ready: (connection) => connection,
      renew: (connection) => Promise.resolve(outbound.hasMore(connection.id) ? connection : undefined),
    },
    settings: () => settings,
    plan,
    planService: plan,
    priceOf: () => undefined,
    expectedPrice: () => undefined,
    streamIdleMs: recording.plan?.config["idleTimeoutMs"] === undefined ? DEFAULT_IDLE_MS : FOR_EVER_MS,
  };
}

const DEFAULT_IDLE_MS = 300_000;
const FOR_EVER_MS = 100_000_000;

function planner({ plan, planFault }: Recording): () => Plan {
  return () => {
    if (!plan) {
      const { code = "internal_server_error", message = "No plan was recorded." } = planFault ?? {};
      throw new GatewayError(isCode(code) ? code : "internal_server_error", message);
    }
    const { config, providerConfig, targets, ...rest } = plan;
    return {
      ...rest,
      excluded: [],
      config: config as PlanConfig,
      ...(providerConfig && { providerConfig: providerConfig as NonNullable<Plan["providerConfig"]> }),
      targets: targets.map(targetOf),
    };
  };
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(CODES, code);

function targetOf(kept: KeptTarget): Target {
  return {
    provider: providerOf(kept),
    connection: connectionOf(kept),
    modelId: kept.modelId,
    model: kept.model as ModelDefinition | undefined,
    label: kept.label,
    ...(kept.effort !== undefined && { effort: kept.effort as Effort }),
  };
}

function providerOf({ provider: id, node }: KeptTarget): ProviderDefinition {
  if (node) return providerOfNode({ ...node, id, name: node.prefix, createdAt: 0, updatedAt: 0 });
  const known = PROVIDERS.find((provider) => provider.id === id);
  if (!known) throw badRequest(`This bundle cannot be played: the provider ${id} is not known here.`);
  return known;
}

/** An account whose credentials are there by name only. */
function connectionOf({
  provider,
  connectionId,
  authType,
  credentialFields,
  baseUrl,
}: KeptTarget): Connection {
  return {
    id: connectionId,
    provider,
    authType: authType as Connection["authType"],
    name: "replayed",
    priority: 1,
    isActive: true,
    credentials: Object.fromEntries(credentialFields.map((field) => [field, "replayed"])),
    ...(baseUrl !== undefined && { baseUrl }),
    createdAt: 0,
    updatedAt: 0,
  };
}

function outcomeOf({ status, errorCode, errorMessage, attempts }: RequestRecord): Outcome {
  return {
    status,
    ...(errorCode !== undefined && { errorCode }),
    ...(errorMessage !== undefined && { errorMessage }),
    attempts: attempts.map(({ model, connectionId, outcome }) => ({ model, connectionId, outcome })),
  };
}

/** What was struck out then may have been struck out in another way. */
const unmarked = (text: string): string => text.replace(/\[redacted\]|\*{4,}/g, "…");

const comparable = ({ status, errorCode, errorMessage, attempts }: Outcome) => [
  status,
  errorCode,
  errorMessage && unmarked(errorMessage),
  attempts.map(({ model, connectionId, outcome }) => [model, connectionId, outcome]),
];

/** An answer without what differs each time: ids, moments, comments and signs of life. */
function steady(answer: string): string {
  return unmarked(answer)
    .split("\n")
    .filter((line) => !line.startsWith(":"))
    .join("\n")
    .replace(/event: ping\ndata: [^\n]*\n\n/g, "")
    .replace(/"((?:[a-z_]*_)?id|responseId)":\s?"[^"]*"/g, '"$1":""')
    .replace(/"(created|created_at|completed_at|createTime)":\s?(?:\d+(?:\.\d+)?|"[^"]*")/g, '"$1":0')
    .replace(/\n{3,}/g, "\n\n");
}
