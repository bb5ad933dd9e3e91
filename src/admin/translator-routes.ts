import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { parseJson } from "../lib/json.ts";
import { readBody } from "../http/body.ts";
import { asGatewayError } from "../relay/index.ts";
import {
  benchInput,
  chatTestInput,
  sendInput,
  type TranslationEvent,
  translationInput,
} from "../translator/index.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, success, yes } from "./shapes.ts";

const LIMIT_BYTES = 10 * 1024 * 1024;

/** Translations looked at, tried and watched: `/api/translator/*`. Failures are `{"success":false,"error"}`. */
export function translatorRoutes(table: RouteTable, engine: Engine): void {
  const { translator } = engine;

  table.add(
    {
      method: "GET",
      path: "/api/translator/formats",
      role: "reader",
      summary: "All formats, and who speaks each.",
      answer: () => successful({ formats: z.array(z.custom<object>()) }),
    },
    () => ({ success: true, formats: translator.formats() }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/translator/templates",
      role: "reader",
      summary: "Requests to begin with, in every format.",
      answer: () => successful({ templates: z.array(z.custom<object>()) }),
    },
    () => ({ success: true, templates: translator.templates() }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/translator/detect",
      role: "admin",
      summary: "Which format a body is of, and what it is.",
      body: () => z.object({ body: z.unknown() }),
      readsItself: true,
      answer: () => successful({ format: z.string() }),
      refusal: refusalShape,
    },
    (c) => told(engine, c, (input) => ({ success: true, ...translator.detect(input.body) })),
  );

  table.add(
    {
      method: "POST",
      path: "/api/translator/translate",
      role: "admin",
      summary: "Writes a body in another format, with what gets lost on the way.",
      body: () => translationInput,
      readsItself: true,
      answer: () => successful({ result: z.unknown(), losses: z.array(z.custom<object>()) }),
      refusal: refusalShape,
    },
    (c) => told(engine, c, (input) => ({ success: true, ...translator.translate(input) })),
  );

  table.add(
    {
      method: "POST",
      path: "/api/translator/chat",
      role: "admin",
      summary: "Sends a body for real and shows every stage. This may cost something.",
      body: () => chatTestInput,
      readsItself: true,
      answer: () => successful({ requestId: z.string() }),
      refusal: refusalShape,
    },
    (c) =>
      told(engine, c, async (input) => ({
        success: true,
        ...(await translator.chat(input, c.req.raw.signal)),
      })),
  );

  table.add(
    {
      method: "POST",
      path: "/api/translator/bench",
      role: "admin",
      summary: "Tries formats and models against each other. This may cost something.",
      body: () => benchInput,
      readsItself: true,
      answer: () => successful({}),
      refusal: refusalShape,
    },
    (c) =>
      told(engine, c, async (input) => ({
        success: true,
        ...(await translator.bench(input, c.req.raw.signal)),
      })),
  );

  table.add(
    {
      method: "POST",
      path: "/api/translator/send",
      role: "admin",
      summary: "Sends a body to a provider and gives its own stream. This may cost something.",
      body: () => sendInput,
      readsItself: true,
      answer: { media: "text/event-stream", about: "The provider's stream, as it comes." },
      refusal: refusalShape,
    },
    async (c) => {
      try {
        return await translator.send(await inputOf(c), c.req.raw.signal);
      } catch (error) {
        return failure(engine, c, error);
      }
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/translator/history",
      role: "reader",
      summary: "Translations of late, the newest first.",
      query: () => z.object({ limit: z.coerce.number().int().min(1).max(1000).optional() }),
      answer: () => successful({ events: z.array(z.custom<object>()), total: z.number() }),
    },
    (_c, { query: { limit } }) => {
      const { events, total } = translator.history(limit);
      return { success: true, events: events.map(shownTranslation), total };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/translator/load",
      role: "reader",
      summary: "The names of kept samples, or one of them.",
      query: () => z.object({ file: queryText() }),
      answer: () => successful({ file: z.string().optional() }),
      refusal: refusalShape,
    },
    (c, { query: { file } }) =>
      told(engine, c, () =>
        file === undefined
          ? { success: true, files: translator.samples.list() }
          : { success: true, file, content: translator.samples.load(file) },
      ),
  );

  table.add(
    {
      method: "POST",
      path: "/api/translator/save",
      role: "admin",
      summary: "Keeps a sample under a name.",
      body: () => z.object({ file: z.string(), content: z.unknown() }),
      readsItself: true,
      answer: success,
      refusal: refusalShape,
    },
    (c) =>
      told(engine, c, ({ file, content }) => {
        translator.samples.save(file, content);
        return { success: true };
      }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/translator/load",
      role: "admin",
      summary: "Removes a sample.",
      query: () => z.object({ file: queryText() }),
      answer: () => successful({ removed: z.boolean() }),
      refusal: refusalShape,
    },
    (c, { query: { file } }) =>
      told(engine, c, () => ({ success: true, removed: translator.samples.remove(file) })),
  );
}

const successful = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z.looseObject({ success: yes(), ...fields });

const refusalShape = () =>
  z.object({
    success: z.literal(false),
    error: z.string(),
    code: z.string(),
    field: z.string().optional(),
  });

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
