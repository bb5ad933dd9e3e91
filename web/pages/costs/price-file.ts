import { badRequest } from "../../../src/core/errors.ts";
import { isObject, type JsonObject } from "../../../src/lib/json.ts";
import { inOurWords } from "../../../src/manage/index.ts";
import { Button, ButtonLink, Card, Form, type Markup, TextArea, html } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const EXAMPLE = '{"openai": {"gpt-5.2": {"input": 1.75, "output": 14, "cached": 0.175}}}';

/** Prices as a file: out as the API tells them, and in the same way. */
export function PriceFile(visit: Visit): Markup {
  const { say } = visit;
  return Card({
    id: "price-file",
    title: say("pricing.import"),
    lead: say("pricing.import.lead"),
    aside: ButtonLink({ href: "/api/pricing", label: say("pricing.export"), icon: "download", small: true }),
    children: Form({
      visit,
      action: "import",
      className: "space-y-4",
      children: (form) => html`
        ${TextArea({
          form,
          name: "prices",
          label: say("pricing.import.field"),
          silent: true,
          rows: 6,
          code: true,
          placeholder: EXAMPLE,
          maxlength: 500_000,
        })}
        ${Button({ label: say("pricing.import.go"), tone: "primary" })}
      `,
    }),
  });
}

/** The prices of a file. Throws `bad_request` for what is no JSON of that shape; the rest is checked where it is kept. */
export function pricesIn(text: string): JsonObject {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw badRequest("This is no JSON.", "prices");
  }
  if (!isObject(read) || !Object.values(read).every(isObject))
    throw badRequest('Expected {"provider": {"model": {"input": 1, "output": 2}}}.', "prices");
  return inOurWords(read);
}
