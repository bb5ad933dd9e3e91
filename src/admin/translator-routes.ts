import type { Hono } from "hono";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { parseJson } from "../lib/json.ts";
import { readBody } from "../http/body.ts";
import { asGatewayError } from "../relay/index.ts";
import type { TranslationEvent } from "../translator/index.ts";
import { type AdminContext, type AdminEnv, isoTime } from "./http.ts";

const LIMIT_BYTES = 10 * 1024 * 1024;

/** Translations looked at, tried and watched: `/api/translator/*`. Failures are `{"success":false,"error"}`. */
export function translatorRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { translator } = engine;
  const path = (rest: string) => `/api/translator/${rest}`;

  app.get(path("formats"), (c) => c.json({ success: true, formats: translator.formats() }));
  app.get(path("templates"), (c) => c.json({ success: true, templates: translator.templates() }));

  app.post(path("detect"), (c) =>
    told(engine, c, (input) => ({ success: true, ...translator.detect(input.body) })),
  );
  app.post(path("translate"), (c) =>
    told(engine, c, (input) => ({ success: true, ...translator.translate(input) })),
  );
  app.post(path("chat"), (c) => {
    return told(engine, c, async (input) => ({
      success: true,
      ...(await translator.chat(input, c.req.raw.signal)),
    }));
  });
  app.post(path("bench"), (c) => {
    return told(engine, c, async (input) => ({
      success: true,
      ...(await translator.bench(input, c.req.raw.signal)),
    }));
  });
  app.post(path("send"), async (c) => {
    try {
      return await translator.send(await inputOf(c), c.req.raw.signal);
    } catch (error) {
      return failure(engine, c, error);
    }
  });

  app.get(path("history"), (c) => {
    const { events, total } = translator.history(Number(c.req.query("limit")) || undefined);
    return c.json({ success: true, events: events.map(shownTranslation), total });
  });

  app.get(path("load"), (c) => {
    const file = c.req.query("file");
    return told(engine, c, () =>
      file === undefined
        ? { success: true, files: translator.samples.list() }
        : { success: true, file, content: translator.samples.load(file) },
    );
  });
  app.post(path("save"), (c) =>
    told(engine, c, ({ file, content }) => {
      translator.samples.save(file, content);
      return { success: true };
    }),
  );
  app.delete(path("load"), (c) =>
    told(engine, c, () => ({ success: true, removed: translator.samples.remove(c.req.query("file")) })),
  );
}

/** A translation as the monitor's rows and events show it. */
export const shownTranslation = ({ at, ...event }: TranslationEvent) => ({
  ...event,
  timestamp: isoTime(at),
});

type Input = { [field: string]: unknown };

async function told(
  engine: Engine,
  c: AdminContext,
  work: (input: Input) => object | Promise<object>,
): Promise<Response> {
  try {
    return c.json(await work(c.req.method === "POST" ? await inputOf(c) : {}));
  } catch (error) {
    return failure(engine, c, error);
  }
}

/** Long integers keep their digits, as in a client's call. */
async function inputOf(c: AdminContext): Promise<Input> {
  const bytes = await readBody(c.req.raw, LIMIT_BYTES);
  // Models may take their time.
  c.env.unlimited();
  try {
    const parsed = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Input;
  } catch {
    // Told below, as for anything else that is no object.
  }
  throw badRequest("The body must be a JSON object.");
}

function failure(engine: Engine, c: AdminContext, error: unknown): Response {
  const refused = asGatewayError(error, engine.clock.now());
  if (refused.code === "internal_server_error")
    engine.log.error("admin", refused.message, { cause: refused.cause });
  return Response.json(
    {
      success: false,
      error: refused.message,
      code: refused.code,
      ...(refused.param && { field: refused.param }),
    },
    { status: refused.status, headers: { "cache-control": "no-store" } },
  );
}
