import { TargetFailure } from "../../core/errors.ts";
import type { Usage } from "../../core/reply.ts";
import type { Asker } from "../../core/services.ts";
import type { JsonObject } from "../../lib/json.ts";
import { nothingUsable, numberAt, objectAt, objectsAt, textAt } from "./read.ts";

export type GeneratedMedia = { media: { type: string; base64: string }[]; usage?: Usage };

/**
 * One `:generateContent` of Gemini that is to answer with media. `kind`: `image` or `audio`. Throws `TargetFailure`,
 * `rejected` when Google's filter withheld it. https://ai.google.dev/api/generate-content
 */
export async function generateMedia(
  asker: Asker,
  kind: "image" | "audio",
  parts: readonly JsonObject[],
  config: JsonObject,
): Promise<GeneratedMedia> {
  const answer = await asker.ask({
    json: {
      contents: [{ role: "user", parts }],
      generationConfig: { responseModalities: [kind.toUpperCase()], ...config },
    },
  });
  const body = await answer.json();
  const media = mediaIn(body, kind);
  if (media.length === 0) throw withheld(body) ?? nothingUsable(kind === "image" ? "a picture" : "audio");
  const usage = usageIn(objectAt(body, "usageMetadata"));
  return { media, ...(usage && { usage }) };
}

function mediaIn(body: JsonObject, kind: string): GeneratedMedia["media"] {
  return objectsAt(body, "candidates")
    .flatMap((candidate) => objectsAt(objectAt(candidate, "content"), "parts"))
    .flatMap((part) => {
      const data = objectAt(part, "inlineData");
      const type = textAt(data, "mimeType") ?? "";
      const base64 = textAt(data, "data");
      return base64 !== undefined && type.startsWith(`${kind}/`) ? [{ type, base64 }] : [];
    });
}

function withheld(body: JsonObject): TargetFailure | undefined {
  const [first = {}] = objectsAt(body, "candidates");
  const reason = textAt(objectAt(body, "promptFeedback"), "blockReason") ?? textAt(first, "finishReason");
  if (reason === undefined || reason === "STOP" || reason === "MAX_TOKENS") return undefined;
  return new TargetFailure("rejected", `Google's filter withheld the answer (${reason}).`);
}

function usageIn(usage: JsonObject): Usage | undefined {
  const input = numberAt(usage, "promptTokenCount");
  if (input === undefined) return undefined;
  const thoughts = numberAt(usage, "thoughtsTokenCount") ?? 0;
  return { input, output: (numberAt(usage, "candidatesTokenCount") ?? 0) + thoughts };
}
