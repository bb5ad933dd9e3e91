import type { Loss } from "../../../core/format.ts";
import type { Usage } from "../../../core/reply.ts";
import type { Asker, ImageReply, ServiceFormat, UploadedFile } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { generateMedia } from "../generate-content.ts";
import { nearestAspect } from "./aspect.ts";

const ASPECTS = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9"];

/** `:generateContent` of the models that draw, one picture a call. https://ai.google.dev/gemini-api/docs/image-generation */
export const gemini: ServiceFormat<"images"> = async (request, _target, asker) => {
  const aspect = nearestAspect(request.size, ASPECTS);
  return draw(asker, request.count, [{ text: request.prompt }], aspect);
};

/** The same, with the pictures to be changed behind the words. */
export const geminiEdits: ServiceFormat<"imageEdits"> = async (request, _target, asker) => {
  const fields = await request.form.fields();
  const parts: JsonObject[] = [{ text: fields.get("prompt") ?? "" }];
  const losses: Loss[] = [];
  for await (const part of request.form.parts()) {
    if (part.type !== "file") continue;
    if (part.name === "mask") losses.push({ what: "mask", why: "Gemini changes what the words say" });
    else parts.push({ inlineData: { mimeType: part.file.mediaType, data: await base64Of(part.file) } });
  }
  return { ...(await draw(asker, Number(fields.get("n") ?? 1), parts)), losses };
};

async function draw(
  asker: Asker,
  count: number,
  parts: readonly JsonObject[],
  aspect?: string,
): Promise<Extract<ImageReply, { type: "whole" }>> {
  const images: { base64: string; mediaType: string }[] = [];
  const usage: Usage = { input: 0, output: 0 };
  while (images.length < count) {
    const made = await generateMedia(asker, "image", parts, {
      ...(aspect && { imageConfig: { aspectRatio: aspect } }),
    });
    images.push(...made.media.map(({ base64, type }) => ({ base64, mediaType: type })));
    usage.input += made.usage?.input ?? 0;
    usage.output += made.usage?.output ?? 0;
  }
  return { type: "whole", images, ...(usage.output > 0 && { usage }) };
}

const base64Of = async (file: UploadedFile): Promise<string> =>
  Buffer.from(await file.bytes()).toString("base64");
