import { conversationOf } from "./session-key.ts";
import { secretsOf } from "../accounts/secrets-of.ts";
import { costOf } from "../metering/index.ts";
import type { Usage } from "../core/reply.ts";
import type { Target } from "../core/target.ts";
import { bodyText } from "../lib/body-bytes.ts";
import { sessionIdOf } from "../routing/index.ts";
import type { Spent } from "./bill.ts";
import type { Call } from "./call.ts";
import type { RelayDeps } from "./index.ts";
import type { Written } from "./write-body.ts";

/** Tells the meter of prompt caches how a call went; nothing is counted that the provider did not count itself. */
export function notePrompt(
  deps: RelayDeps,
  call: Call,
  { target, written }: { target: Target; written: Written },
  { usage, cost, costKind }: Spent,
): void {
  if (!deps.promptCache || usage.estimated) return;
  const { caller, requestId } = call.inbound;
  const { enabled, prompt } = deps.settings().systemPrompt;
  const without = costOf(uncached(usage), deps.priceOf(target));
  deps.promptCache.record({
    requestId,
    keyId: caller.keyId,
    thread: () => {
      const { key, guessed } = conversationOf(call);
      return { session: sessionIdOf(key), ...(!guessed && { conversation: key }) };
    },
    requestedModel: call.model,
    model: target.label,
    provider: target.provider.id,
    connectionId: target.connection.id,
    usage,
    costKind,
    ...(cost !== undefined && without !== undefined && { saved: without - cost }),
    isMarked: call.bytes.includes("cache_control"),
    isPrivate: caller.key?.noLog === true,
    asked: () => call.bytes.toString(),
    sent: () => bodyText(written.body),
    isSentAsAsked: written.lane === "raw",
    bytes: call.bytes.length,
    ownPrompt: enabled ? prompt : "",
    secrets: () => secretsOf(target.connection),
  });
}

/** The same tokens as if nothing had been kept. */
function uncached({ input, cacheRead = 0, cacheWrite = 0, ...usage }: Usage): Usage {
  const { cacheWrite1h: _anHour, ...rest } = usage;
  return { ...rest, input: input + cacheRead + cacheWrite };
}
