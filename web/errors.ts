import type { GatewayError } from "../src/core/errors.ts";
import { isMessageKey } from "./i18n/index.ts";
import type { Visit } from "./visit.ts";

/**
 * What went wrong, in the reader's language where we have words for it: by code and field, then by code alone. Else
 * the engine's own sentence, which is more exact than anything general would be.
 */
export function wordsOf(error: GatewayError, { say, show }: Pick<Visit, "say" | "show">): string {
  const values = {
    time: error.retryAfterMs === undefined ? "" : show.duration(Math.ceil(error.retryAfterMs / 1000) * 1000),
  };
  for (const key of [`error.${error.code}.${error.param ?? ""}`, `error.${error.code}`])
    if (isMessageKey(key)) return say(key, values);
  return error.message;
}
