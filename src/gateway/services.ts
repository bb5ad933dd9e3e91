import type { Engine } from "../engine.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import type { PublicBindings } from "../http/bindings.ts";
import { readBody } from "../http/body.ts";
import {
  kindOfRoute,
  type Origin,
  serveBody,
  serveForm,
  type Served,
  type ServiceRoute,
  takesForm,
} from "../relay/index.ts";
import { type Admitted, type InferenceCall, onlyOnce, serveAdmitted } from "./inference.ts";

/** Answers a call for something beside chat; any failure comes back in the shape its clients read. */
export function serveService(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  route: ServiceRoute,
  providerRoute?: string,
): Promise<Response> {
  const isOpenai = "path" in route;
  const call: InferenceCall = {
    format: CLIENT_FORMATS[isOpenai ? "openai-chat" : "gemini"],
    isGemini: !isOpenai,
    service: route,
    ...(providerRoute !== undefined && { providerRoute }),
  };
  return serveAdmitted(engine, request, bindings, call, async (admitted) => {
    const origin: Origin = {
      requestId: bindings.requestId,
      path: bindings.url.pathname,
      headers: request.headers,
      caller: admitted.caller,
      signal: request.signal,
      ...(providerRoute !== undefined && { providerRoute }),
    };
    return takesForm(route)
      ? form(engine, request, route, origin, admitted)
      : body(engine, request, bindings, route, origin, admitted);
  });
}

async function body(
  engine: Engine,
  request: Request,
  bindings: PublicBindings,
  route: ServiceRoute,
  origin: Origin,
  { caller, witness, bodyIsIn }: Admitted,
): Promise<Served> {
  const bytes = await readBody(request, engine.config.maxBodyBytes);
  bodyIsIn();
  witness.asked(bytes);
  const asked = { body: bytes, headers: request.headers, caller, format: { id: kindOfRoute(route) } };
  const { now } = engine.clock;
  return onlyOnce(engine, asked, bindings, () => serveBody(witness.relay, route, bytes, origin, now));
}

function form(
  engine: Engine,
  { headers, body: sent }: Request,
  route: ServiceRoute,
  origin: Origin,
  { witness, bodyIsIn }: Admitted,
): Promise<Served> {
  const source = { headers, body: sent && witness.asking(sent) };
  return serveForm(witness.relay, route, source, origin, {
    limit: engine.config.maxBodyBytes,
    directory: engine.config.dataDir,
    onReceived: bodyIsIn,
    now: engine.clock.now,
  });
}
