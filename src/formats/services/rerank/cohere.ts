import type { RerankReply, RerankRequest, ServiceFormat } from "../../../core/services.ts";
import type { Usage } from "../../../core/reply.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { bodyFor, nothingUsable, numberAt, objectAt, objectsAt, textAt, usageOf } from "../read.ts";

/**
 * `POST /rerank` in the shape that Cohere began and others (Together, Fireworks, SiliconFlow, OpenRouter, vLLM) took
 * over. https://docs.cohere.com/reference/rerank
 */
export const cohere: ServiceFormat<"rerank"> = async (request, target, asker) => {
  // The documents need not come back: the client's own are put beside their scores.
  const { return_documents: _documents, ...body } = bodyFor(request.body, target.modelId, target.quirks);
  const answer = await asker.ask({ json: { ...body, documents: request.documents.map(textOf) } });
  const ranking = await answer.json();
  const results = resultsIn(ranking);
  if (results === undefined) throw nothingUsable("a ranking");
  const id = textAt(ranking, "id");
  const usage = usageIn(ranking);
  return { results, ...(id !== undefined && { id }), ...(usage && { usage }) };
};

/** A document as text, whatever shape the client gave it. */
export function textOf(document: RerankRequest["documents"][number]): string {
  if (typeof document === "string") return document;
  return typeof document.text === "string" ? document.text : JSON.stringify(document);
}

function resultsIn(body: JsonObject): RerankReply["results"] | undefined {
  const field = Array.isArray(body.results) ? "results" : "data";
  if (!Array.isArray(body[field])) return undefined;
  return objectsAt(body, field).flatMap((result) => {
    const index = numberAt(result, "index");
    const score = numberAt(result, "relevance_score") ?? numberAt(result, "score");
    return index === undefined || score === undefined ? [] : [{ index, score }];
  });
}

function usageIn(body: JsonObject): Usage | undefined {
  const meta = objectAt(body, "meta");
  const billed = objectAt(meta, "billed_units");
  const searches = numberAt(billed, "search_units");
  const tokens = numberAt(billed, "input_tokens") ?? numberAt(objectAt(meta, "tokens"), "input_tokens");
  const told = usageOf(body);
  if (searches === undefined && tokens === undefined && !told) return undefined;
  return {
    ...(told ?? { input: tokens ?? 0, output: 0 }),
    ...(searches !== undefined && { units: { searches } }),
  };
}
