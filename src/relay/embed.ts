import type { Caller } from "../core/key.ts";
import { GatewayError } from "../core/errors.ts";
import { estimateTextTokens } from "../core/estimate.ts";
import type { EmbeddingReply } from "../core/services.ts";
import { newRequestId } from "../lib/ids.ts";
import type { RelayDeps } from "./index.ts";
import { serveService } from "./services/serve.ts";

/** Who the answer cache's own calls are logged under. */
const CACHE: Caller = { keyId: "cache", name: "answer cache" };

/** An answer that is waited for should not wait much longer for the question whether it is there already. */
const LONGEST_MS = 5000;
/** A longer question is not compared: models cut it, and what differs may stand at its end. */
const LONGEST_TEXT = 8000;

/** A text as a vector, by an embeddings model; undefined where it cannot be had in time. The request log says why. */
export async function embed(
  deps: RelayDeps,
  model: string,
  text: string,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  if (text.length > LONGEST_TEXT) return undefined;
  const late = new AbortController();
  const cancel = deps.clock.after(LONGEST_MS, () => late.abort());
  let found: EmbeddingReply | undefined;
  try {
    await serveService(deps, {
      requestId: newRequestId(),
      path: "answer cache",
      kind: "embeddings",
      model,
      request: { body: { model, input: text }, inputs: [text], encoding: "float" },
      stream: false,
      expected: { inputTokens: estimateTextTokens(text), units: {} },
      headers: new Headers(),
      caller: CACHE,
      signal: AbortSignal.any([signal, late.signal]),
      encode: (reply) => {
        found = reply;
        return { contentType: "application/json", body: "" };
      },
    });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return undefined;
  } finally {
    cancel();
  }
  const [vector] = found?.vectors ?? [];
  return typeof vector === "object" ? Float32Array.from(vector) : undefined;
}
