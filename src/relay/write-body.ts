import { ENVELOPE_MARK } from "../core/envelope.ts";
import type { Loss, ProviderFormat, TargetModel } from "../core/format.ts";
import type { ChatService } from "../core/provider.ts";
import { NO_QUIRKS } from "../core/quirks.ts";
import type { ChatRequest } from "../core/request.ts";
import type { Target } from "../core/target.ts";
import { ToolNames } from "../core/tool-names.ts";
import { byteMarks } from "../lib/byte-marks.ts";
import { type Edit, scannedValue, withEdits } from "../lib/json-scan.ts";
import type { StaticBody } from "../lib/body-bytes.ts";
import type { Call } from "./call.ts";
import { isVendorsOwn, withoutUnnamedProofs } from "./unnamed-proofs.ts";

/** A request ready to be sent to a target. */
export type Written = {
  body: StaticBody;
  headers: { [name: string]: string };
  toolNames: ToolNames;
  losses: Loss[];
  /**
   * `raw`: the client's bytes went on, and the answer's bytes may come back untouched. `decoded`: both were or will
   * be written anew.
   */
  lane: "raw" | "decoded";
  /** We asked the provider for a usage chunk that the client did not ask for; it must not see it. */
  hideUsage: boolean;
  /** Does the target stream? May differ from what the client asked. */
  stream: boolean;
};

export type WriteOptions = {
  /** The request as `prepare` left it; undefined when nothing touched the client's bytes. */
  prepared: ChatRequest | undefined;
  /** Puts back what the client's format could not carry; only asked when the body is written anew. */
  restore(request: ChatRequest): ChatRequest;
};

/** Writes the upstream body for one target: the client's own bytes where nothing must change, else a new body. */
export function writeBody(
  call: Call,
  options: WriteOptions,
  target: Target,
  service: ChatService,
  format: ProviderFormat,
): Written {
  const quirks = service.quirks ?? NO_QUIRKS;
  const stream = quirks.streamOnly ? true : quirks.wholeOnly ? false : call.stream;
  if (!options.prepared && !target.effort && passesRaw(call, target, service, format))
    return rawBody(call, target, format, stream);
  const restored = options.restore(options.prepared ?? call.request);
  const known = isVendorsOwn(service) ? restored : withoutUnnamedProofs(restored, format.id);
  const request: ChatRequest = { ...withEffort(known, target), model: target.modelId, stream };
  const encoded = format.encodeRequest(request, targetModel(target), quirks);
  return {
    body: JSON.stringify(encoded.body),
    headers: encoded.headers ?? {},
    toolNames: encoded.toolNames,
    losses: encoded.losses,
    lane: "decoded",
    hideUsage: false,
    stream,
  };
}

/** An effort in the model's name wins over what the body says. */
function withEffort(request: ChatRequest, { effort }: Target): ChatRequest {
  if (effort === undefined) return request;
  const { budget: _budget, adaptive: _adaptive, ...kept } = request.reasoning ?? {};
  return { ...request, reasoning: { ...kept, effort } };
}

/** Who vouches for a target's reasoning: its vendor and model. */
export const makerOf = ({ provider, modelId }: Target): string =>
  `${provider.proofMaker ?? provider.id}/${modelId}`;

/** What encoders are told of a target's model. */
export function targetModel(target: Target): TargetModel {
  const { model } = target;
  return {
    id: target.modelId,
    maker: makerOf(target),
    ...(model?.context !== undefined && { contextTokens: model.context }),
    ...(model?.maxOutput !== undefined && { maxOutputTokens: model.maxOutput }),
    ...(model?.reasoning !== undefined && { reasoning: model.reasoning }),
    ...(model?.vision !== undefined && { vision: model.vision }),
    ...(model?.tools !== undefined && { tools: model.tools }),
    ...(target.connection.authType === "oauth" && { account: target.connection.credentials }),
  };
}

const holdsEnvelope = byteMarks(ENVELOPE_MARK);

function passesRaw(call: Call, target: Target, service: ChatService, format: ProviderFormat): boolean {
  const quirks = service.quirks ?? NO_QUIRKS;
  if (!quirks.clean || call.inbound.format.id !== format.id) return false;
  if (quirks.streamOnly || quirks.wholeOnly) return false;
  if (call.stream && call.inbound.format.streamType !== "text/event-stream") return false;
  if (quirks.drop?.some((field) => call.scan.fields.has(field))) return false;
  if (quirks.rename && Object.keys(quirks.rename).some((field) => call.scan.fields.has(field))) return false;
  if (holdsEnvelope(call.bytes)) return false;
  if (format.takesAsIs?.(call.bytes, targetModel(target)) === false) return false;
  return !wantsOtherUsage(call, format);
}

/** A chat stream whose `stream_options` say something else than `include_usage: true` is written anew. */
function wantsOtherUsage(call: Call, format: ProviderFormat): boolean {
  if (format.id !== "openai-chat" || !call.stream || !call.scan.fields.has("stream_options")) return false;
  return !asksForUsage(call);
}

function asksForUsage(call: Call): boolean {
  const options = scannedValue(call.bytes, call.scan, "stream_options");
  return (
    typeof options === "object" &&
    options !== null &&
    (options as { include_usage?: unknown }).include_usage === true
  );
}

function rawBody(call: Call, target: Target, format: ProviderFormat, stream: boolean): Written {
  const { fields, bodyStart } = call.scan;
  const edits: Edit[] = [];
  const hideUsage = format.id === "openai-chat" && stream && !asksForUsage(call);
  // The provider tells its token counts only when asked, and counting by ourselves would be a guess.
  if (hideUsage)
    edits.push({ start: bodyStart, end: bodyStart, text: '"stream_options":{"include_usage":true},' });
  const model = format.id === "gemini" ? undefined : fields.get("model");
  if (model) edits.push({ ...model, text: JSON.stringify(target.modelId) });
  const body = edits.length > 0 ? withEdits(call.bytes, edits) : call.bytes;
  return { body, headers: {}, toolNames: new ToolNames(), losses: [], lane: "raw", hideUsage, stream };
}
