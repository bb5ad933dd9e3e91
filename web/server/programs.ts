import { ANSWER_HEADERS } from "../../src/http/security-headers.ts";
import type { WebContext } from "./web-env.ts";

/** Says the call that it takes something else than pages? Browsers never do when they ask for one. */
export function isProgram(c: WebContext): boolean {
  const accept = c.req.header("accept");
  return accept !== undefined && !/text\/html|application\/xhtml/i.test(accept);
}

/** For clients whose base address is wrong: a way to the sign-in would look like an answer to them. */
export function nothingThere(c: WebContext): Response {
  const path = c.env.url.pathname.slice(0, 200);
  const error = {
    message: `There is nothing at \`${path}\`. Clients find their API under /v1 (Gemini: /v1beta), scripts theirs under /api.`,
    type: "invalid_request_error",
    param: null,
    code: "not_found",
  };
  return Response.json(
    { error },
    {
      status: 404,
      headers: { ...ANSWER_HEADERS, "cache-control": "no-store", "x-request-id": c.env.requestId },
    },
  );
}
