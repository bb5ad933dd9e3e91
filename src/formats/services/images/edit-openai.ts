import type { ServiceFormat } from "../../../core/services.ts";
import { multipartOf } from "../multipart-body.ts";
import { readImages } from "./openai.ts";

/** `POST /images/edits`, a form with the pictures to change; they go on as they arrive. */
export const openai: ServiceFormat<"imageEdits"> = async (request, target, asker) => {
  const bytes = multipartOf(request.form, target.modelId, target.quirks, asker.boundary());
  const answer = await asker.ask({ bytes });
  const contentType = answer.headers.get("content-type") ?? "";
  if (contentType.startsWith("text/event-stream") && answer.body)
    return { type: "bytes", contentType, bytes: answer.body };
  return readImages(await answer.json());
};
