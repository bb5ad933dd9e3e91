import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Stands before a server and writes down what passes, keys left out. For looking into a run that failed. */
export function startTap(target: string, folder: string): { url: string; stop(): Promise<void> } {
  mkdirSync(folder, { recursive: true });
  let count = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const name = join(folder, String(++count).padStart(3, "0"));
      const body = await request.text();
      const headers = [...request.headers].filter(([field]) => !/^(?:authorization|.*-key)$/.test(field));
      const head = [
        `${request.method} ${pathname}${search}`,
        ...headers.map(([field, value]) => `${field}: ${value}`),
      ];
      writeFileSync(`${name}-request.txt`, `${head.join("\n")}\n\n${body}\n`);
      const answer = await fetch(target + pathname + search, {
        method: request.method,
        headers: request.headers,
        ...(body !== "" && { body }),
        redirect: "manual",
        decompress: false,
      });
      const [kept, passed] = answer.body?.tee() ?? [null, null];
      void new Response(kept)
        .text()
        .catch((error: unknown) => `broken off: ${String(error)}`)
        .then((text) => writeFileSync(`${name}-answer.txt`, `${answer.status}\n\n${text}\n`));
      return new Response(passed, { status: answer.status, headers: answer.headers });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}
