import type { RequestRecord } from "../../core/record.ts";
import type { JsonObject } from "../../lib/json.ts";
import { costOf } from "../../metering/index.ts";
import { momentIn, textIn } from "./fields.ts";
import { costWritten, countIn, modelIdOf, tokensOf, type UsageReading } from "./usage.ts";

/** A line of an earlier program's request log; undefined for one without an id or a time. */
export function formerCall(row: JsonObject, { providerId, tariff }: UsageReading): RequestRecord | undefined {
  const id = textIn(row, "id");
  const at = momentIn(row, "timestamp");
  if (id === undefined || at === undefined) return undefined;
  const usage = tokensOf(
    row,
    "tokensIn",
    "tokensOut",
    "tokensCacheRead",
    "tokensCacheCreation",
    "tokensReasoning",
  );
  const name = textIn(row, "provider");
  const provider = name === undefined ? undefined : (providerId(name) ?? name);
  const model = textIn(row, "model");
  const label = model === undefined || model.includes("/") ? model : `${provider ?? ""}/${model}`;
  const sold =
    provider === undefined || label === undefined ? undefined : tariff(provider, modelIdOf(label, provider));
  const cost = sold && (costWritten(row) ?? costOf(usage, sold.price));
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
    status: Math.min(Math.max(countIn(row, "status"), 100), 599),
    durationMs: countIn(row, "duration"),
    attempts: [],
    usage,
    ...(cost !== undefined && { cost, costKind: sold!.kind }),
    ...(label !== undefined && { model: label }),
    ...(provider !== undefined && { provider }),
    ...(connectionId !== undefined && { connectionId }),
    ...(connectionName !== undefined && { connectionName }),
    ...(combo !== undefined && { combo }),
    ...(error !== undefined && { errorMessage: error.slice(0, 500) }),
  };
}
