import { z } from "zod";
import type { ApiDocument } from "../../src/http/api-document.ts";

type Answer = { status: number; body: unknown };

/** Holds answers against what an OpenAPI document says of them. */
export class DocumentCheck {
  readonly #document: ApiDocument;
  readonly #schemas = new Map<string, z.ZodType>();
  /** Where answers were not as described, each said once. */
  readonly faults = new Set<string>();
  /** The calls that were looked at, such as `GET /api/keys`, in their answers that went well. */
  readonly seen = new Set<string>();

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  /** Looks at one answer of a call. `address` may carry a query. */
  look(method: string, address: string, { status, body }: Answer): void {
    const path = this.#pathOf(method, address.split("?")[0]!);
    const call = `${method} ${path ?? address}`;
    if (path === undefined) return void this.faults.add(`${call} is not described`);
    const { responses } = this.#document.paths[path]![method.toLowerCase()]!;
    const described = responses[String(status)] ?? (status >= 400 ? responses["default"] : undefined);
    if (!described) return void this.faults.add(`${call}: ${status} is not described`);
    if (status < 400) this.seen.add(call);
    const schema = described.content["application/json"]?.schema;
    if (!schema) return;
    const result = this.#schemaOf(`${call} ${status < 400}`, schema).safeParse(body);
    for (const { path: at, message } of result.error?.issues ?? [])
      this.faults.add(`${call} ${status} ${at.join(".").replace(/\b\d+\b/g, "#")}: ${message}`);
  }

  /** The described path a call goes to; one without names in it comes first. */
  #pathOf(method: string, address: string): string | undefined {
    return Object.keys(this.#document.paths)
      .filter((path) => this.#document.paths[path]![method.toLowerCase()] && fits(path, address))
      .toSorted((left, right) => namesIn(left) - namesIn(right))[0];
  }

  #schemaOf(name: string, schema: object): z.ZodType {
    let made = this.#schemas.get(name);
    if (!made) {
      const whole = { ...schema, $defs: this.#document.components.schemas };
      const text = JSON.stringify(whole).replaceAll("#/components/schemas/", "#/$defs/");
      this.#schemas.set(name, (made = z.fromJSONSchema(JSON.parse(text))));
    }
    return made;
  }
}

const namesIn = (path: string): number => path.split("{").length;

const fits = (path: string, address: string): boolean =>
  new RegExp(
    `^${path
      .replace(/[.+]/g, "\\$&")
      .replace(/\{rest\}$/, ".*")
      .replace(/\{\w+\}/g, "[^/]+")}$`,
  ).test(address);
