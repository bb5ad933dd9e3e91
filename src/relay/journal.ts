import { clientName } from "../core/client-name.ts";
import type { GatewayError } from "../core/errors.ts";
import type { AttemptRecord, CacheOutcome, CostKind, LiveRequest, RequestRecord } from "../core/record.ts";
import { FORMAT_IDS, type FormatId, type ProviderFormatId, type Usage } from "../core/reply.ts";
import type { Plan, Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { storyOf } from "../routing/index.ts";
import { Bill } from "./bill.ts";
import type { Inbound } from "./call.ts";
import type { Progress } from "./progress.ts";
import type { Reuse } from "./reuse.ts";

/** Where the story of each call goes: the live view and the log. */
export interface Journal {
  started(request: LiveRequest): void;
  ended(record: RequestRecord): void;
}

/** What is told of a call whatever it asks for. */
export type ToldCall = {
  readonly inbound: Pick<Inbound, "requestId" | "path" | "caller" | "headers"> & {
    readonly format: { readonly id: string };
  };
  readonly model: string;
  readonly stream: boolean;
};

/** How a call ended, as far as the log cares. */
export type Ending = {
  status: number;
  errorCode?: string;
  errorMessage?: string;
  usage?: Usage;
  cost?: number;
  costKind?: CostKind;
  /** What a kept answer says of itself. */
  model?: string;
  cache?: CacheOutcome;
};

/** The log entry of one call while it is being made. `end` may be called once; later calls do nothing. */
export class Entry {
  readonly #startedAt: number;
  readonly #started: number;
  readonly attempts: AttemptRecord[] = [];
  target: Target | undefined;
  targetFormat: ProviderFormatId | undefined;
  plan: Plan | undefined;
  warnings: string[] = [];
  bill = new Bill();
  /** Tells the client how far its stream is; undefined where it does not want to know. */
  progress: Progress | undefined;
  /** What may be kept of the answer; undefined where nothing may. */
  reuse: Reuse | undefined;
  /** How long it waited for its turn. */
  waitedMs = 0;
  firstContentMs: number | undefined;
  #ended = false;

  constructor(
    readonly clock: Clock,
    readonly journal: Journal,
    readonly call: ToldCall,
  ) {
    this.#startedAt = clock.now();
    this.#started = clock.monotonic();
    const { inbound } = call;
    journal.started({
      id: inbound.requestId,
      at: this.#startedAt,
      path: inbound.path,
      keyName: inbound.caller.name,
      requestedModel: call.model,
      stream: call.stream,
    });
  }

  /** Milliseconds since the call came in. */
  elapsed(): number {
    return this.clock.monotonic() - this.#started;
  }

  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    const { call, target, plan } = this;
    const { inbound } = call;
    const story = plan && storyOf(plan, this.attempts, target, this.waitedMs);
    this.journal.ended({
      id: inbound.requestId,
      at: this.#startedAt,
      path: inbound.path,
      ...whoAsked(inbound),
      requestedModel: call.model,
      ...(target && {
        model: target.label,
        provider: target.provider.id,
        connectionId: target.connection.id,
        connectionName: target.connection.name,
      }),
      ...(plan?.combo !== undefined && { combo: plan.combo }),
      sourceFormat: isFormat(inbound.format.id) ? inbound.format.id : "other",
      ...(this.targetFormat && { targetFormat: this.targetFormat }),
      stream: call.stream,
      ...ending,
      durationMs: Math.round(this.elapsed()),
      ...(this.firstContentMs !== undefined && { firstContentMs: Math.round(this.firstContentMs) }),
      attempts: this.attempts,
      ...(this.warnings.length > 0 && { warnings: this.warnings }),
      ...(story && { story }),
    });
  }
}

function whoAsked({ caller, headers }: ToldCall["inbound"]) {
  const client = clientName(headers.get("user-agent"));
  const traceparent = headers.get("traceparent");
  return {
    keyId: caller.keyId,
    keyName: caller.name,
    ...(caller.group && { keyGroupId: caller.group.id }),
    ...(client !== undefined && { client }),
    ...(traceparent !== null && { traceparent }),
  };
}

const isFormat = (id: string): id is FormatId => (FORMAT_IDS as readonly string[]).includes(id);

/** An error as the log tells it. */
export function told(error: GatewayError): Pick<Ending, "errorCode" | "errorMessage"> {
  return { errorCode: error.code, errorMessage: error.message };
}
