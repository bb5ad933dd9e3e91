import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { parseInput } from "../core/parse-input.ts";
import { createRelay } from "../relay/index.ts";
import { type ChatTestDeps, inboundOf, sourceOf } from "./chat-test.ts";
import { type Exchange, tapped } from "./tap.ts";
import { providerNamed } from "./target.ts";

export const sendInput = z.object({
  provider: z.string().min(1).max(100),
  sourceFormat: z.string().max(100).nullish(),
  body: z.record(z.string(), z.unknown()),
});

/**
 * Sends a body to a provider over one of its connections and gives the provider's own stream, untranslated. The
 * provider is read only as fast as the result is. Throws `GatewayError` as a client's call does.
 */
export async function sendToProvider(
  deps: ChatTestDeps,
  input: unknown,
  signal: AbortSignal,
): Promise<Response> {
  const wish = parseInput(sendInput, input);
  providerNamed(deps.catalogue(), wish.provider);
  const exchanges: Exchange[] = [];
  const waiting: Uint8Array[] = [];
  const outbound = tapped(deps.relay.outbound, exchanges, (chunk) => waiting.push(chunk));
  const leaving = new AbortController();
  const inbound = inboundOf(
    { ...wish.body, stream: true },
    sourceOf(wish),
    wish.provider,
    AbortSignal.any([signal, leaving.signal]),
  );
  const { response } = await createRelay({ ...deps.relay, outbound }).chat(inbound);
  const reader = response.body?.getReader();
  const told = exchanges.at(-1)?.response;
  if (!reader || !told) throw new GatewayError("bad_gateway", "The provider sent no stream.");
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const piece = waiting.shift();
          if (piece) return controller.enqueue(piece);
          // The translated answer is nobody's; reading it is what moves the provider's on.
          const { done } = await reader.read();
          if (done && waiting.length === 0) return controller.close();
        }
      },
      async cancel(reason) {
        leaving.abort();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": told.contentType || "text/event-stream" } });
}
