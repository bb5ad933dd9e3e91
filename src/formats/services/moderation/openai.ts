import type { ServiceFormat } from "../../../core/services.ts";
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { bodyFor, nothingUsable, objectsAt, textAt, usageOf } from "../read.ts";

/** `POST /moderations`. https://platform.openai.com/docs/api-reference/moderations */
export const openai: ServiceFormat<"moderation"> = async (request, target, asker) => {
  const answer = await asker.ask({ json: bodyFor(request.body, target.modelId, target.quirks) });
  const body = await answer.json();
  const results = objectsAt(body, "results").map(withVerdict);
  if (results.length === 0) throw nothingUsable("a judgement");
  const id = textAt(body, "id");
  const usage = usageOf(body);
  return { results, ...(id !== undefined && { id }), ...(usage && { usage }) };
};

/** Mistral names the categories and leaves the verdict to the reader. https://docs.mistral.ai/api/endpoint/classifiers */
function withVerdict(result: JsonObject): JsonObject {
  if (typeof result.flagged === "boolean") return result;
  const categories = isObject(result.categories) ? Object.values(result.categories) : [];
  return { flagged: categories.includes(true), ...result };
}
