import { badRequest } from "../../../core/errors.ts";
import type { Usage } from "../../../core/reply.ts";
import type { RerankReply, RerankRequest } from "../../../core/services.ts";
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { optionalCount, requiredText } from "./fields.ts";

const MOST_DOCUMENTS = 10_000;

/** Reads a Cohere-style rerank body. Throws `GatewayError` (`bad_request`, naming the field). */
export function decodeRerank(body: JsonObject): RerankRequest {
  const topN = optionalCount(body, "top_n");
  return {
    body,
    query: requiredText(body, "query", "say what the documents are ranked for"),
    documents: documentsOf(body.documents),
    returnDocuments: body.return_documents !== false,
    ...(topN !== undefined && { topN }),
  };
}

function documentsOf(documents: unknown): (string | JsonObject)[] {
  if (!Array.isArray(documents) || documents.length === 0)
    throw badRequest("`documents` is missing: send a list of texts.", "documents");
  if (documents.length > MOST_DOCUMENTS)
    throw badRequest(`\`documents\` holds more than ${MOST_DOCUMENTS} documents.`, "documents");
  return documents.map((document: unknown) => {
    if (typeof document === "string" || isObject(document)) return document;
    throw badRequest("`documents` must hold texts or objects with `text`.", "documents");
  });
}

/** Writes the answer, best first, with the client's own documents beside their scores. */
export function encodeRerank(
  reply: RerankReply,
  request: RerankRequest,
  facts: { model: string; id: string; usage: Usage },
): JsonObject {
  const best = reply.results.toSorted((a, b) => b.score - a.score).slice(0, request.topN ?? Infinity);
  return {
    id: reply.id ?? facts.id,
    model: facts.model,
    results: best.map(({ index, score }) => ({
      index,
      relevance_score: score,
      ...(request.returnDocuments && { document: asDocument(request.documents[index]) }),
    })),
    ...metaOf(facts.usage),
  };
}

const asDocument = (document: string | JsonObject | undefined): JsonObject =>
  isObject(document) ? document : { text: document ?? "" };

function metaOf(usage: Usage): JsonObject {
  if (usage.estimated) return {};
  const searches = usage.units?.searches;
  const billed = {
    ...(searches !== undefined && { search_units: searches }),
    ...(usage.input > 0 && { input_tokens: usage.input }),
  };
  return Object.keys(billed).length === 0 ? {} : { meta: { billed_units: billed } };
}
