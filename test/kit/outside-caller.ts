import { writeFileSync } from "node:fs";

/** A call made from another process, and what came back. */
export type OutsideCall = { url: string; body: string };
export type OutsideAnswer = { status: number; retryAfter: string | null; body: any };

/**
 * Makes calls from a process of its own, for a test that holds up its own loop. The calls are under way as soon as the
 * file `sent` is there; `answers` resolves with theirs, in order.
 */
export function callFromOutside(
  calls: readonly OutsideCall[],
  sent: string,
): { answers: Promise<OutsideAnswer[]> } {
  const child = Bun.spawn([process.execPath, import.meta.path, sent, JSON.stringify(calls)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return { answers: new Response(child.stdout).json() };
}

/** Long enough for calls to reach the socket of a server that may not be taking any. */
const ON_THE_WAY_MS = 200;

if (import.meta.main) {
  const [sent = "", calls = "[]"] = process.argv.slice(2);
  const answers = (JSON.parse(calls) as OutsideCall[]).map(async ({ url, body }) => {
    const answer = await fetch(url, { method: "POST", body });
    return {
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      body: await answer.json(),
    };
  });
  await Bun.sleep(ON_THE_WAY_MS);
  writeFileSync(sent, "");
  console.log(JSON.stringify(await Promise.all(answers)));
}
