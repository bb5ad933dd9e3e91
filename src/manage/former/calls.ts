import type { RequestRecord } from "../../core/record.ts";
import type { JsonObject } from "../../lib/json.ts";
import { momentIn, numberIn, textIn } from "./fields.ts";

/** A line of an earlier program's request log; undefined for one without an id or a time. */
export function formerCall(
  row: JsonObject,
  providerId: (name: string) => string | undefined,
): RequestRecord | undefined {
  const id = textIn(row, "id");
  const at = momentIn(row, "timestamp");
  if (id === undefined || at === undefined) return undefined;
  const count = (field: string) => Math.max(0, Math.trunc(numberIn(row, field) ?? 0));
  const cacheRead = count("tokensCacheRead");
  const name = textIn(row, "provider");
  const provider = name === undefined ? undefined : (providerId(name) ?? name);
  const model = textIn(row, "model");
  const label = model === undefined || model.includes("/") ? model : `${provider ?? ""}/${model}`;
  const error = textIn(row, "errorSummary", "error");
  const connectionId = textIn(row, "connectionId");
  const connectionName = textIn(row, "account");
  const combo = textIn(row, "comboName");
  return {
    id: id.slice(0, 200),
    at,
    path: textIn(row, "path") ?? "/v1/chat/completions",
    keyId: textIn(row, "apiKeyId") ?? "keyless",
    keyName: textIn(row, "apiKeyName") ?? "keyless",
    requestedModel: textIn(row, "requestedModel") ?? label ?? "",
    sourceFormat: "other",
    stream: false,
    status: Math.min(Math.max(count("status"), 100), 599),
    durationMs: count("duration"),
    attempts: [],
    usage: {
      input: Math.max(0, count("tokensIn") - cacheRead),
      output: count("tokensOut"),
      cacheRead,
      cacheWrite: count("tokensCacheCreation"),
      reasoning: count("tokensReasoning"),
    },
    ...(label !== undefined && { model: label }),
    ...(provider !== undefined && { provider }),
    ...(connectionId !== undefined && { connectionId }),
    ...(connectionName !== undefined && { connectionName }),
    ...(combo !== undefined && { combo }),
    ...(error !== undefined && { errorMessage: error.slice(0, 500) }),
  };
}
