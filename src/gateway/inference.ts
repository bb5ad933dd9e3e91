import type { Caller } from "../core/key.ts";
import type { ClientFormat, PathFacts } from "../core/format.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import type { PublicBindings } from "../http/bindings.ts";
import { readBody } from "../http/body.ts";
import { errorResponse } from "../http/error-response.ts";
import type { Asked, Witness } from "../recorder/index.ts";
import {
  asGatewayError,
  type Inbound,
  isDryRun,
  noteRefused,
  type Relay,
  type Served,
  type ServiceRoute,
} from "../relay/index.ts";
import { identify } from "./caller.ts";

export type InferenceCall = {
  format: ClientFormat;
  pathFacts?: PathFacts;
  isGemini?: boolean;
  providerRoute?: string;
  /** What is asked for, where it is not chat. */
  service?: ServiceRoute;
  /** Only counts tokens: held to no limit of the key. */
  isCounting?: boolean;
};

/** Who was let in, and how the call goes on. */
export type Admitted = {
  caller: Caller;
  /** The way on, and who writes along. */
  witness: Witness;
  /** To be called when the last byte has been read. */
  bodyIsIn(): void;
};

/** Checks who calls, reads the body, and hands the call to `work`; any failure comes back in the caller's shape. */
export function serveInference(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  call: InferenceCall,
  work: (relay: Relay, inbound: Inbound) => Promise<Served>,
): Promise<Response> {
  return serveAdmitted(engine, request, bindings, call, async ({ caller, witness, bodyIsIn }) => {
    const body = await readBody(request, engine.config.maxBodyBytes);
    bodyIsIn();
    witness.asked(body);
    const inbound: Inbound = {
      requestId: bindings.requestId,
      path: bindings.url.pathname,
      format: call.format,
      ...(call.pathFacts && { pathFacts: call.pathFacts }),
      ...(call.providerRoute !== undefined && { providerRoute: call.providerRoute }),
      body,
      headers: request.headers,
      caller,
      signal: request.signal,
    };
    if (call.isCounting) return work(witness.relay, inbound);
    return onlyOnce(engine, inbound, bindings, () => work(witness.relay, inbound));
  });
}

/** Gives an equal call with the same key the first one's answer. */
export function onlyOnce(
  engine: Engine,
  {
    body,
    headers,
    caller,
    format,
  }: Pick<Inbound, "body" | "headers" | "caller"> & { format: { id: string } },
  bindings: PublicBindings,
  work: () => Promise<Served>,
): Promise<Served> {
  if (isDryRun(headers)) return work();
  const { requestId, url, path } = bindings;
  const started = engine.clock.monotonic();
  const claim = {
    keyId: caller.keyId,
    endpoint: path + url.search,
    headers,
    ...(headers.get("x-request-id") === requestId && { requestId }),
    body,
  };
  return engine.caches.idempotency.serve(claim, work, ({ response, ended }) => {
    for (const name of ["x-request-id", "x-omniroute-request-id"]) response.headers.set(name, requestId);
    const durationMs = Math.round(engine.clock.monotonic() - started);
    const model = response.headers.get("x-omniroute-model") ?? "";
    const replay = { id: requestId, path: url.pathname, caller, formatId: format.id, model, durationMs };
    engine.noteReplay({ ...replay, status: response.status, stream: ended !== undefined });
  });
}

/** Checks who calls and gives the call its place, and a witness where it is to be recorded. */
export async function serveAdmitted(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  call: InferenceCall,
  work: (admitted: Admitted) => Promise<Served>,
): Promise<Response> {
  let bodyRead = false;
  let release: (() => void) | undefined;
  let caller: Caller | undefined;
  let witness: Witness | undefined;
  const counts = call.isCounting !== true && !isDryRun(request.headers);
  try {
    if (engine.isDraining()) throw draining();
    caller = identify(engine, request, bindings.url, call.isGemini ?? false);
    witness = engine.recorder.witness(askedOf(request, bindings, call, caller));
    release = engine.admit(caller, bindings.path, { counts });
    const served = await work({
      caller,
      witness,
      bodyIsIn: () => {
        bodyRead = true;
        bindings.unlimited();
      },
    });
    // A stream counts as in work until its last byte.
    if (served.ended) void served.ended.then(release);
    else release();
    return witness.answered(served);
  } catch (error) {
    release?.();
    const told = asGatewayError(error, engine.clock.now());
    if (told.code === "internal_server_error")
      engine.log.error("gateway", told.message, { cause: told.cause });
    if (caller && counts) {
      const { requestId, url } = bindings;
      const { headers } = request;
      noteRefused(
        engine.relayDeps,
        { requestId, path: url.pathname, caller, headers, format: call.format },
        told,
      );
    }
    const response = errorResponse(
      told,
      call.format,
      bindings.requestId,
      bodyRead ? VERSION(engine) : { ...VERSION(engine), connection: "close" },
    );
    return witness ? witness.refused(told, response) : response;
  }
}

/** The call as whoever writes along sees it before its body is read. */
function askedOf(
  { headers, signal }: Request,
  { requestId, url }: PublicBindings,
  call: InferenceCall,
  caller: Caller,
): Asked {
  return { requestId, url, call, headers, signal, caller };
}

const VERSION = (engine: Engine) => ({ "x-omniroute-version": engine.config.version });

function draining(): GatewayError {
  return new GatewayError("service_unavailable", "OmniRoute is shutting down.", { retryAfterMs: 5000 });
}
