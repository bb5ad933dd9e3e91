import type { PathFacts } from "../../core/format.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { JsonObject } from "../../lib/json.ts";
import { readContents, readSystem } from "./read-contents.ts";
import { readGenerationConfig, readToolConfig, readTools } from "./read-settings.ts";
import { camelKeys } from "./wire.ts";

/**
 * Reads the body of `generateContent` and `streamGenerateContent`; the path says model and streaming. Field names may
 * be in camel or snake case. Throws `bad_request` naming the field at fault.
 * https://ai.google.dev/api/generate-content
 */
export function decodeRequest(body: JsonObject, path: PathFacts = {}): ChatRequest {
  const { model, contents, systemInstruction, tools, toolConfig, generationConfig, ...unknown } =
    camelKeys(body);
  const offered = readTools(tools);
  const calling = readToolConfig(toolConfig);
  const config = readGenerationConfig(generationConfig);
  const vendor = { ...unknown };
  if (Object.keys(calling.rest).length > 0) vendor["toolConfig"] = calling.rest;
  if (Object.keys(config.rest).length > 0) vendor["generationConfig"] = config.rest;
  return {
    model: (path.model ?? (typeof model === "string" ? model : "")).replace(/^models\//, ""),
    stream: path.stream ?? false,
    messages: [...readSystem(systemInstruction), ...readContents(contents)],
    ...(offered.length > 0 && { tools: offered }),
    ...calling.request,
    ...config.request,
    ...(Object.keys(vendor).length > 0 && { vendor: { gemini: vendor } }),
  };
}
