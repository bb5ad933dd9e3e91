import type { ServiceFormat, UploadedFile } from "../../../core/services.ts";
import { bodyFor } from "../read.ts";
import { readImages } from "./openai.ts";

/** `POST /images/edits` with the picture as a data URL in JSON. https://docs.x.ai/docs/guides/image-generations */
export const xai: ServiceFormat<"imageEdits"> = async (request, target, asker) => {
  const fields = Object.fromEntries(await request.form.fields());
  const images: { url: string; type: "image_url" }[] = [];
  for await (const part of request.form.parts()) {
    if (part.type === "file" && part.name !== "mask")
      images.push({ url: await dataUrl(part.file), type: "image_url" });
  }
  const answer = await asker.ask({
    json: {
      ...bodyFor(
        { ...fields, ...(fields.n !== undefined && { n: Number(fields.n) }) },
        target.modelId,
        target.quirks,
      ),
      ...(images.length > 1 ? { images } : { image: images[0] }),
    },
  });
  return readImages(await answer.json());
};

async function dataUrl(file: UploadedFile): Promise<string> {
  return `data:${file.mediaType};base64,${Buffer.from(await file.bytes()).toString("base64")}`;
}
