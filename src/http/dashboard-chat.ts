import { DASHBOARD } from "../core/key.ts";
import type { Engine } from "../engine.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import { asGatewayError } from "../relay/index.ts";
import { errorResponse } from "./error-response.ts";

/** A chat call of whoever sits at the dashboard; its body is OpenAI's. */
export type DashboardChat = { requestId: string; path: string; body: Uint8Array; signal: AbortSignal };

/**
 * Answers it as the public API would: routed, logged and counted, as the caller `dashboard`. The public API itself
 * takes keys and no cookies, so that no page of another site can spend through a browser that is signed in here; who
 * calls this must have checked the sign-in and that the call comes from a page of ours. Throws `GatewayError`.
 */
export async function chatFromDashboard(engine: Engine, call: DashboardChat): Promise<Response> {
  const format = CLIENT_FORMATS["openai-chat"];
  const release = engine.admit(DASHBOARD, call.path);
  const who = { headers: new Headers(), caller: DASHBOARD };
  const url = { pathname: call.path, search: "" };
  const witness = engine.recorder.witness({ ...call, ...who, url, call: { format } });
  witness.asked(call.body);
  try {
    const served = await witness.relay.chat({ ...call, ...who, format });
    if (served.ended) void served.ended.then(release);
    else release();
    return await witness.answered(served);
  } catch (error) {
    release();
    const told = asGatewayError(error, engine.clock.now());
    void witness.refused(told, errorResponse(told, format, call.requestId));
    throw error;
  }
}
