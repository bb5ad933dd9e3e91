import { DASHBOARD } from "../core/key.ts";
import type { Engine } from "../engine.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";

/** A chat call of whoever sits at the dashboard; its body is OpenAI's. */
export type DashboardChat = { requestId: string; path: string; body: Uint8Array; signal: AbortSignal };

/**
 * Answers it as the public API would: routed, logged and counted, as the caller `dashboard`. The public API itself
 * takes keys and no cookies, so that no page of another site can spend through a browser that is signed in here; who
 * calls this must have checked the sign-in and that the call comes from a page of ours. Throws `GatewayError`.
 */
export async function chatFromDashboard(engine: Engine, call: DashboardChat): Promise<Response> {
  const release = engine.admit(DASHBOARD, call.path);
  try {
    const served = await engine.relay.chat({
      ...call,
      format: CLIENT_FORMATS["openai-chat"],
      headers: new Headers(),
      caller: DASHBOARD,
    });
    if (served.ended) void served.ended.then(release);
    else release();
    return served.response;
  } catch (error) {
    release();
    throw error;
  }
}
