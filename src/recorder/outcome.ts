import type { GatewayError } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Recording } from "./recording.ts";

export type Outcome = Recording["outcome"];

/** How a call ended for its client: the row of the log where there is one, else what it was told. */
export function outcomeOf(ending: {
  record: RequestRecord | undefined;
  error: GatewayError | undefined;
  response: Pick<Response, "status" | "headers"> | undefined;
}): Outcome {
  const { record, error, response } = ending;
  const errorCode = record?.errorCode ?? error?.code;
  const errorMessage = record?.errorMessage ?? error?.message;
  const isRepeat = response?.headers.get("x-omniroute-idempotent") === "true";
  const cache = record?.cache ?? (isRepeat ? "replay" : undefined);
  return {
    status: record?.status ?? error?.status ?? response?.status ?? 499,
    ...(errorCode !== undefined && { errorCode }),
    ...(errorMessage !== undefined && { errorMessage }),
    ...(error?.param !== undefined && { errorParam: error.param }),
    ...(cache !== undefined && { cache }),
    attempts: (record?.attempts ?? []).map(({ model, connectionId, outcome }) => ({
      model,
      connectionId,
      outcome,
    })),
  };
}
