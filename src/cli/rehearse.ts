import type { JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { story } from "./explain.ts";
import { serverOf } from "./installation.ts";
import { json, line, shown } from "./output.ts";
import { isObject } from "../lib/json.ts";

type Flags = DataFlags & {
  json?: boolean;
  fault?: string[];
  requests?: string;
  whole?: boolean;
  fromNow?: boolean;
};

/** Plays a combo through with faults put in its way. Exit code 0 when every request was answered to its end. */
export async function rehearseCombo(context: CliContext, name: string, flags: Flags): Promise<number> {
  const faults = Object.fromEntries((flags.fault ?? []).map(faultOf));
  const server = await serverOf(context, flags);
  const answer = await server.call("POST", `/api/combos/${encodeURIComponent(name)}/rehearse`, {
    faults,
    stream: !flags.whole,
    ...(flags.requests !== undefined && { requests: Number(flags.requests) }),
    ...(flags.fromNow && { fromNow: true }),
  });
  const requests = objects(answer.requests);
  if (flags.json) json(context.out, answer);
  else for (const [index, request] of requests.entries()) tell(context, request, index, requests.length);
  return requests.every((request) => request.answered !== null) ? EXIT.fine : EXIT.failed;
}

/** `1=429`: the first entry of the combo answers 429. Throws `CliError`. */
function faultOf(text: string): [target: string, fault: string] {
  const cut = text.lastIndexOf("=");
  if (cut <= 0 || cut === text.length - 1)
    throw new CliError(
      `"${text}" is no fault: write TARGET=FAULT, as in 1=429 or groq/model=cut@3.`,
      EXIT.wrongUse,
    );
  return [text.slice(0, cut), text.slice(cut + 1)];
}

function tell(context: CliContext, request: JsonObject, index: number, count: number): void {
  if (count > 1) line(context.out, `Request ${index + 1}, ${shown(request.at_ms)} ms after the first:`);
  if (isObject(request.receipt)) for (const sentence of story(request.receipt)) line(context.out, sentence);
  if (index < count - 1) line(context.out);
}
