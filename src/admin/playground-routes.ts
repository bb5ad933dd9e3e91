import { z } from "zod";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import { chatFromDashboard } from "../http/dashboard-chat.ts";
import type { RouteTable } from "./route-table.ts";

/** Chat calls of the dashboard, with its sign-in in place of a key. */
export function playgroundRoutes(table: RouteTable, engine: Engine): void {
  table.add(
    {
      method: "POST",
      path: "/api/playground/chat",
      role: "admin",
      summary:
        "A chat call in OpenAI's format, as `/v1/chat/completions` answers it. This may cost something.",
      body: () =>
        z.looseObject({
          model: z.string(),
          messages: z.array(z.looseObject({ role: z.string() })),
          stream: z.boolean().optional(),
        }),
      readsItself: true,
      answer: { media: "text/event-stream", about: "The stream, or, without `stream`, the answer as JSON." },
    },
    async (c) => {
      const body = await readBody(c.req.raw, engine.config.maxBodyBytes);
      c.env.unlimited();
      const { requestId, path } = c.env;
      return chatFromDashboard(engine, { requestId, path, body, signal: c.req.raw.signal });
    },
  );
}
