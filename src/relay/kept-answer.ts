import type { KeptAnswer } from "../caching/index.ts";
import type { EncodeContext } from "../core/format.ts";
import { sealProof } from "../core/envelope.ts";
import { replay } from "../core/reply.ts";
import type { Call } from "./call.ts";
import type { RelayDeps, Served } from "./index.ts";
import type { Entry } from "./journal.ts";
import { cacheHeaders, headerText, idHeaders, streamHeaders, usageFields } from "./response-headers.ts";
import { Tally } from "./tally.ts";
import type { Found, Reuse } from "./reuse.ts";

/** Answers a call with what was kept, in the caller's own shape; undefined when nothing fits. */
export async function keptAnswer(
  deps: RelayDeps,
  call: Call,
  entry: Entry,
  reuse: Reuse,
): Promise<Served | undefined> {
  const { requestId, signal } = call.inbound;
  const { answers, similar } = reuse.cache;
  const found = await reuse.find(signal);
  if (!found) {
    answers.count("miss");
    return undefined;
  }
  const { answer, similarity } = found;
  const cache = similarity === undefined ? "hit" : "semantic";
  answers.count(cache, answer);
  if (similarity !== undefined && reuse.question && found.answeredQuestion !== undefined) {
    const asked = reuse.question.text;
    const { label: model } = answer;
    similar.add({
      requestId,
      hash: found.hash,
      model,
      similarity,
      asked,
      answered: found.answeredQuestion,
    });
  }
  entry.firstContentMs = entry.elapsed();
  const response = responseOf(deps, call, entry, found);
  const { usage, costKind, label: model } = answer;
  entry.end({ status: 200, usage, cost: 0, costKind, model, cache });
  return { response };
}

function responseOf(deps: RelayDeps, call: Call, entry: Entry, { answer, similarity }: Found): Response {
  const { format, requestId } = call.inbound;
  const usage = usageFields(answer.usage, 0);
  const headers = {
    "x-omniroute-model": headerText(answer.label),
    "x-omniroute-provider": headerText(answer.provider),
    "x-omniroute-latency-ms": String(Math.round(entry.elapsed())),
    "x-omniroute-cost-kind": answer.costKind,
    ...cacheHeaders(similarity === undefined ? "HIT" : "SEMANTIC", similarity),
    ...Object.fromEntries(usage),
    ...idHeaders(deps.version, requestId),
  };
  if (call.stream)
    return new Response(streamOf(call, entry, answer), {
      headers: { ...headers, ...streamHeaders(format, entry.progress) },
    });
  const body = JSON.stringify(format.encodeReply(answer.reply, contextOf(call, answer)));
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}

function streamOf(call: Call, { progress }: Entry, answer: KeptAnswer): string {
  const encoder = call.inbound.format.streamEncoder(contextOf(call, answer));
  const tally = new Tally();
  let text = "";
  for (const event of replay(answer.reply)) {
    tally.take(event);
    if (event.type === "reply-end" && progress)
      encoder.trailer?.([progress.trailer("x-omniroute-cache=HIT", tally)]);
    text += encoder.push(event);
  }
  return text;
}

const contextOf = (call: Call, { reply, model, sealOwn }: KeptAnswer): EncodeContext => ({
  id: reply.id || call.inbound.requestId,
  model,
  created: reply.created ?? 0,
  request: call.request,
  sealProof,
  sealOwn,
  estimatedInput: call.facts.estimatedInput,
});
