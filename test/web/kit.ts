import { type App, createApp } from "../../src/app.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";

const ORIGIN = "http://localhost:20128";

/** What a browser does, without one: keeps cookies, says where a form was, follows nothing by itself. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #app: App;

  constructor(
    gateway: TestGateway,
    readonly options: { origin?: string; peer?: string; headers?: { [name: string]: string } } = {},
  ) {
    this.#app = createApp(gateway.engine);
  }

  get origin(): string {
    return this.options.origin ?? ORIGIN;
  }

  get(path: string, headers: { [name: string]: string } = {}): Promise<Response> {
    return this.send(new Request(this.origin + path, { headers }));
  }

  /** Sends a form as a page of our own does; headers given as "" are left out. */
  post(path: string, fields: Fields = {}, headers: { [name: string]: string } = {}): Promise<Response> {
    const sent = { origin: this.origin, "content-type": "application/x-www-form-urlencoded", ...headers };
    return this.send(
      new Request(this.origin + path, {
        method: "POST",
        headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== "")),
        body: encoded(fields),
      }),
    );
  }

  /** Goes where an answer points to. */
  follow(answer: Response): Promise<Response> {
    const target = answer.headers.get("location");
    if (target === null) throw new Error(`The answer ${answer.status} points nowhere.`);
    return this.get(target.replace(/#.*$/, ""));
  }

  /** Signs in with the password of test gateways. */
  async signIn(): Promise<this> {
    const answer = await this.post("/login?do=enter", { password: TEST_PASSWORD });
    if (answer.status !== 303) throw new Error(`Signing in gave ${answer.status}.`);
    return this;
  }

  async send(request: Request): Promise<Response> {
    for (const [name, value] of Object.entries(this.options.headers ?? {})) request.headers.set(name, value);
    request.headers.set("host", new URL(request.url).host);
    if (this.cookies.size > 0)
      request.headers.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const address = this.options.peer ?? "127.0.0.1";
    const answer = await this.#app(request, {
      requestIP: () => ({ address, family: "IPv4", port: 50_000 }),
      timeout: () => {},
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

type Fields = { [name: string]: string | readonly string[] };

function encoded(fields: Fields): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    for (const each of typeof value === "string" ? [value] : value) params.append(name, each);
  return params.toString();
}

/** A gateway whose visitors are signed in. */
export async function signedInVisitor(
  headers: { [name: string]: string } = {},
): Promise<{ gateway: TestGateway; visitor: Visitor }> {
  const gateway = await startGateway();
  return { gateway, visitor: await new Visitor(gateway, { headers }).signIn() };
}

/** The words of a page, without its tags. */
export function textOf(page: string): string {
  return page
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/g, " ")
    .replace(/<(?:"[^"]*"|[^">])+>/g, " ")
    .replace(/\s+/g, " ");
}
