import { isUtf8 } from "node:buffer";
import { secretsOf } from "../accounts/secrets-of.ts";
import type { Plan, PlanConfig, Target } from "../core/target.ts";
import { Mask } from "../lib/mask.ts";
import type { ServiceRoute } from "../relay/index.ts";
import type { Capture, Taped } from "./capture.ts";
import { harmlessHeaders, harmlessPath, harmlessUrl, secretsIn, secretsInQuery } from "./harmless.ts";
import { outcomeOf } from "./outcome.ts";
import type { Exchange, KeptBody, KeptCall, KeptTarget, Recording } from "./recording.ts";
import type { Tape } from "./tape.ts";
import type { Asked } from "./witness.ts";

/** Everything a capture saw, without what is secret. Gives way to others between large bodies. */
export async function recordingOf(capture: Capture): Promise<Recording> {
  const { call, record, planFault, unfinished, brokenMs, leftMs, error } = capture;
  const mask = new Mask(secretsOfCall(capture));
  const plan = capture.plan && keptPlan(capture.plan, record?.attempts ?? []);
  const fault = plan ? undefined : planFault;
  const exchanges: Exchange[] = [];
  for (const taped of capture.exchanges) exchanges.push(await keptExchange(taped, mask));
  return {
    format: "omniroute-recording",
    version: 2,
    release: capture.deps.release,
    id: call.requestId,
    at: capture.at,
    request: {
      path: harmlessPath(call.url.pathname, call.url.search, mask),
      call: keptCall(call.call, mask),
      ...keptFormat(call.call),
      ...(call.call.providerRoute !== undefined && { providerRoute: mask.text(call.call.providerRoute) }),
      headers: harmlessHeaders(call.headers.entries(), mask),
      body: await keptTape(capture.body, typeOf(call.headers), mask),
      ...(unfinished && { unfinished }),
      ...(brokenMs !== undefined && { brokenMs }),
      ...(leftMs !== undefined && (record?.status ?? error?.status) === 499 && { leftMs }),
    },
    streamIdleMs: capture.deps.relay.streamIdleMs,
    settings: {
      systemPrompt: capture.deps.settings.systemPrompt,
      thinkingBudget: capture.deps.settings.thinkingBudget,
    },
    ...(plan && { plan: mask.value(plan) }),
    ...(fault && { planFault: { code: fault.code, message: mask.text(fault.message) } }),
    accountFaults: mask.value(capture.accountFaults),
    exchanges,
    outcome: mask.value(outcomeOf(capture)),
    ...(capture.response && {
      answer: {
        headers: harmlessHeaders(capture.response.headers.entries(), mask),
        body: await keptTape(capture.answer, typeOf(capture.response.headers), mask),
        ...(capture.isAnswerBroken && { broken: true }),
      },
    }),
  };
}

function keptFormat({ format, pathFacts }: Asked["call"]) {
  return {
    clientFormat: format.id,
    ...(format.streamType === "application/json" && { jsonArray: true }),
    ...(pathFacts?.model !== undefined && { pathModel: pathFacts.model }),
    ...(pathFacts?.stream !== undefined && { pathStream: pathFacts.stream }),
  };
}

function keptCall({ service, isCounting }: Asked["call"], mask: Mask): KeptCall {
  if (service) return mask.value(keptRoute(service));
  return { type: isCounting ? "count" : "chat" };
}

const keptRoute = (route: ServiceRoute): KeptCall =>
  "path" in route
    ? { type: "service", path: route.path }
    : { type: "gemini-embedding", model: route.model, isBatch: route.isBatch };

/** Only what was asked: what else stood in the plan has no part in what happened. */
function keptPlan(plan: Plan, attempts: readonly { model: string; connectionId: string }[]) {
  const asked = plan.targets.filter(
    ({ label, connection }) =>
      attempts.length === 0 ||
      attempts.some((attempt) => attempt.model === label && attempt.connectionId === connection.id),
  );
  const providers = Object.entries(plan.providerConfig ?? {}).flatMap(([id, config]) =>
    config ? [[id, config as PlanConfig] as const] : [],
  );
  return {
    requested: plan.requested,
    resolved: [...plan.resolved],
    strategy: plan.strategy,
    ...(plan.combo !== undefined && { combo: plan.combo }),
    ...(plan.overridden && { overridden: true }),
    config: { ...plan.config },
    ...(providers.length > 0 && { providerConfig: Object.fromEntries(providers) }),
    targets: asked.map(keptTarget),
  };
}

function keptTarget({ provider, connection, modelId, model, label, effort }: Target): KeptTarget {
  const [service] = provider.chat;
  const isNode = provider.id.includes("-compatible-") && service !== undefined;
  return {
    provider: provider.id,
    ...(isNode && {
      node: {
        type: service.format === "anthropic" ? "anthropic-compatible" : "openai-compatible",
        apiType: service.format === "openai-responses" ? "responses" : "chat",
        prefix: provider.prefixes?.[0] ?? "",
        baseUrl: withoutUser(provider.baseUrl),
        chatPath: service.path,
      } as const,
    }),
    connectionId: connection.id,
    authType: connection.authType,
    credentials: Object.fromEntries(
      Object.entries(connection.credentials).flatMap(([field, value]) =>
        typeof value === "string" ? [[field, value.length]] : [],
      ),
    ),
    ...(connection.baseUrl !== undefined && { baseUrl: withoutUser(connection.baseUrl) }),
    modelId,
    ...(model && { model: { ...model } }),
    label,
    ...(effort !== undefined && { effort }),
  };
}

function withoutUser(address: string): string {
  const url = URL.parse(address);
  if (!url) return address;
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href.replace(/\/+$/, "");
}

async function keptExchange(taped: Taped, mask: Mask): Promise<Exchange> {
  const { request, response, answer, headersMs, fault } = taped;
  const type = request.headers["content-type"] ?? "";
  return {
    connectionId: request.via?.connectionId ?? "",
    method: request.method,
    url: harmlessUrl(request.url, mask),
    headers: harmlessHeaders(Object.entries(request.headers), mask),
    body: await keptTape(taped.sent, type, mask),
    startedMs: taped.startedMs,
    ...(response && {
      answer: {
        status: response.status,
        headers: harmlessHeaders(response.headers.entries(), mask),
        headersMs: headersMs ?? taped.startedMs,
        body: await keptTape(answer, typeOf(response.headers), mask),
        pieces: answer.pieces,
      },
    }),
    ...(fault && { fault: { ...fault, message: mask.text(fault.message) } }),
    ...(taped.endedMs !== undefined && { endedMs: taped.endedMs }),
  };
}

const keptTape = (tape: Pick<Tape, "bytes" | "size">, type: string, mask: Mask): Promise<KeptBody> =>
  keptBody(tape.bytes(), tape.size, type, mask);

/** Beyond this others get their turn first: looking for secrets takes milliseconds. */
const LARGE_BYTES = 256 * 1024;

async function keptBody(bytes: Buffer, size: number, type: string, mask: Mask): Promise<KeptBody> {
  // A copy: what is sent may still be needed.
  const masked = Buffer.from(bytes);
  for (const _pass of mask.passes(masked, type))
    if (bytes.length > LARGE_BYTES) await new Promise((resolve) => setImmediate(resolve));
  const whole = bytes.length === size;
  return isText(masked)
    ? { encoding: "utf8", data: masked.toString(), whole, size }
    : { encoding: "base64", data: masked.toString("base64"), whole, size };
}

/** Zero bytes are UTF-8 as well, and six times as long in JSON. */
const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

const typeOf = (headers: Headers): string => headers.get("content-type") ?? "";

function secretsOfCall({ plan, call, exchanges }: Capture): Set<string> {
  const connections = plan?.targets.map(({ connection }) => connection) ?? [];
  return new Set([
    ...connections.flatMap(secretsOf),
    ...connections.flatMap(({ email }) => email ?? []),
    ...connections.flatMap(({ baseUrl }) => secretsOfAddress(baseUrl)),
    ...secretsIn(call.headers.entries()),
    ...secretsInQuery(call.url.search),
    ...exchanges.flatMap(({ request }) => [
      ...secretsIn(Object.entries(request.headers)),
      ...secretsOfAddress(request.url),
    ]),
  ]);
}

/** The user of an address, and what its query says: models and tasks excepted, they stand in answers too. */
function secretsOfAddress(address: string | undefined): string[] {
  const url = address === undefined ? null : URL.parse(address);
  if (!url) return [];
  const { username, password } = url;
  const query = [...url.searchParams].filter(([name]) => /key|token|secret|password|sig/i.test(name));
  return [username, password, ...query.map(([, value]) => value)];
}
