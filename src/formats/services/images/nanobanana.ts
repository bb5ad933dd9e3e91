import type { Asker, ServiceFormat } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { nothingUsable, numberAt, objectAt, textAt } from "../read.ts";
import { nearestAspect } from "./aspect.ts";

const ASPECTS = ["1:1", "9:16", "16:9", "3:4", "4:3", "3:2", "2:3", "5:4", "4:5", "21:9"];

/**
 * A task that is begun and asked for until it is done; what failed is told by a `code` inside status 200. The
 * misspelling is the service's own. https://docs.nanobananaapi.ai
 */
export const nanobanana: ServiceFormat<"images"> = async (request, target, asker) => {
  const aspect = nearestAspect(request.size, ASPECTS);
  const isPro = target.modelId.endsWith("-pro");
  const begun = await checked(asker, {
    path: `${target.service.path}/${isPro ? "generate-pro" : "generate"}`,
    json: isPro
      ? { prompt: request.prompt, ...(aspect && { aspectRatio: aspect }) }
      : {
          prompt: request.prompt,
          type: "TEXTTOIAMGE",
          numImages: request.count,
          ...(aspect && { image_size: aspect }),
        },
  });
  const taskId = textAt(begun, "taskId");
  if (taskId === undefined) throw nothingUsable("the number of its task");
  const url = await asker.poll(async () => {
    const task = await checked(asker, { path: `${target.service.path}/record-info`, query: { taskId } });
    const flag = numberAt(task, "successFlag") ?? 0;
    if (flag > 1)
      throw asker.failure({ code: "failed", message: textAt(task, "errorMessage") ?? "The task failed." });
    return flag === 1 ? (textAt(objectAt(task, "response"), "resultImageUrl") ?? "") : undefined;
  });
  if (url === "") throw nothingUsable("a picture");
  return { type: "whole", images: [{ url }] };
};

async function checked(asker: Asker, call: Parameters<Asker["ask"]>[0]): Promise<JsonObject> {
  const answer = await asker.ask(call);
  const body = await answer.json();
  const code = numberAt(body, "code") ?? 200;
  if (code !== 200) throw asker.failure(body);
  return objectAt(body, "data");
}
