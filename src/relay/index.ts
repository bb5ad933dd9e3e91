import type { AnswerCache, PromptCacheMeter, ProofKeeper, SimilarHits } from "../caching/index.ts";
import type { Settings } from "../core/settings.ts";
import type { ProviderFormat } from "../core/format.ts";
import type { Price } from "../core/provider.ts";
import type { Egress } from "../core/record.ts";
import type { ProviderFormatId, Units } from "../core/reply.ts";
import type { ServiceKind } from "../core/services.ts";
import type { Plan, Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import type { Outbound, OutboundRequest } from "../net/index.ts";
import type {
  HealthBoard,
  LimitBoard,
  PriceReading,
  QuotaBook,
  RoutingMemory,
  Ticket,
} from "../routing/index.ts";
import type { Call, Inbound } from "./call.ts";
import { chat } from "./chat.ts";
import { type Counted, countTokens } from "./count-tokens.ts";
import type { Journal } from "./journal.ts";
import type { ServiceInbound } from "./services/inbound.ts";
import { serveService } from "./services/serve.ts";
import type { Tokens } from "./with-account.ts";

export type { Inbound } from "./call.ts";
export type { ServiceInbound } from "./services/inbound.ts";
export type { FormSource } from "./services/incoming-form.ts";
export {
  isServicePath,
  kindOfRoute,
  type Origin,
  SERVICE_PATHS,
  serveBody,
  serveForm,
  type ServicePath,
  type ServiceRoute,
  takesForm,
} from "./services/routes.ts";
export { countAnswer } from "./count-tokens.ts";
export type { Journal } from "./journal.ts";
export { asGatewayError } from "./pump.ts";
export { noteRefused } from "./refused.ts";
export { isDryRun } from "./response-headers.ts";
export { Call } from "./call.ts";
export { serviceUrl } from "./service-url.ts";
export { targetModel, writeBody } from "./write-body.ts";
export { type TriedTarget, tryTargets } from "./try-targets.ts";
export { overridesOf } from "./overrides.ts";
export { conversationOf } from "./session-key.ts";
export type { Tokens } from "./with-account.ts";

/** How a stream ended: as it should, with an error told in it, or because the client left. */
export type StreamEnd = "complete" | "failed" | "cancelled";

/** An answer, and for streams the moment its last byte is out (or the client gone). Never rejects. */
export type Served = { response: Response; ended?: Promise<StreamEnd> };

/** `ticket`: the call has waited for its turn. `evenEmpty`: a plan without targets is wanted too, for its reasons. */
export type PlanOptions = { ticket?: Ticket; evenEmpty?: boolean };

/** What the way of a request needs; handed in by the engine. */
export type RelayDeps = {
  version: string;
  clock: Clock;
  random: () => number;
  /** What stands between the parts of forms we write; absent: anew by chance each time. */
  boundary?(): string;
  outbound: Outbound;
  /** The network proxy that calls take; absent where nothing leaves this process. */
  egress?(request: Pick<OutboundRequest, "url" | "via">): Egress | undefined;
  formats: Readonly<Record<ProviderFormatId, ProviderFormat>>;
  health: HealthBoard;
  limits: LimitBoard;
  memory: RoutingMemory;
  quotas: QuotaBook;
  journal: Journal;
  proofs: ProofKeeper;
  /** How well providers' prompt caches work; absent where nobody wants to know. */
  promptCache?: PromptCacheMeter;
  /** Answers of before; absent where a call shall only go to providers. */
  cache?: { answers: AnswerCache; similar: SimilarHits };
  tokens: Tokens;
  settings(): Settings;
  /** Targets for a call in order; advances nothing. Throws `GatewayError`. */
  plan(call: Call, options?: PlanOptions): Plan;
  /** The same for a call for something beside chat. */
  planService(call: ServiceInbound, options?: PlanOptions): Plan;
  priceOf(target: Target): Price | undefined;
  /** What a call of so many input tokens is expected to cost. */
  expectedPrice(target: Target, inputTokens: number, units?: Units): PriceReading | undefined;
  /** Longest silence inside a stream, in milliseconds. */
  streamIdleMs: number;
};

export type Relay = {
  chat(inbound: Inbound): Promise<Served>;
  countTokens(inbound: Inbound): Promise<Counted>;
  serve<Kind extends ServiceKind>(inbound: ServiceInbound<Kind>): Promise<Served>;
};

/** The way of a request, ready to be used by the doors. */
export function createRelay(deps: RelayDeps): Relay {
  return {
    chat: (inbound) => chat(deps, inbound),
    countTokens: (inbound) => countTokens(deps, inbound),
    serve: (inbound) => serveService(deps, inbound),
  };
}
