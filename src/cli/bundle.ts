import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { GatewayError } from "../core/errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { writePrivateFile } from "../store/data-dir.ts";
import { objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { serverOf } from "./installation.ts";
import { json, line, paint, shown, table } from "./output.ts";

/** Writes what was recorded of a request into a file that anybody may see and `replay` plays. `-`: standard output. */
export async function bundleRequest(
  context: CliContext,
  id: string,
  file: string | undefined,
  flags: DataFlags & { json?: boolean },
): Promise<number> {
  const server = await serverOf(context, flags);
  const text = await server.text(`/api/recordings/${encodeURIComponent(id)}`);
  if (file === "-") {
    context.out.write(text);
    return EXIT.fine;
  }
  const path = file ?? `omniroute-${id.replace(/[^\w.-]/g, "_")}.bundle.json`;
  try {
    writePrivateFile(path, text);
  } catch (error) {
    throw new CliError(
      `${path} cannot be written (${(error as { code?: string }).code ?? "unknown error"}).`,
    );
  }
  if (flags.json) json(context.out, { file: path, bytes: Buffer.byteLength(text) });
  else line(context.out, `Written to ${path}. Play it again, without a network: omniroute replay ${path}`);
  return EXIT.fine;
}

/** Lists what was recorded; with `next` has the next calls recorded first. */
export async function showRecordings(
  context: CliContext,
  flags: DataFlags & { json?: boolean; limit: string; next?: string },
): Promise<number> {
  const server = await serverOf(context, flags);
  if (flags.next !== undefined) {
    if (!/^\d{1,4}$/.test(flags.next))
      throw new CliError("--next takes a number from 0 to 1000.", EXIT.wrongUse);
    await server.call("POST", "/api/recordings", { next: Number(flags.next) });
  }
  const query = new URLSearchParams({ limit: flags.limit });
  const state = await server.call("GET", `/api/recordings?${query.toString()}`);
  if (flags.json) {
    json(context.out, state);
    return EXIT.fine;
  }
  const rows = objects(state.recordings);
  if (rows.length > 0)
    table(context, rows, [
      { title: "REQUEST", of: ({ id }) => shown(id) },
      { title: "WHEN", of: ({ at }) => shown(at) },
      { title: "KIND", of: ({ kind }) => shown(kind) },
      { title: "STATUS", of: ({ status }) => shown(status) },
      { title: "BYTES", of: ({ bytes }) => shown(bytes) },
      { title: "CALLS", of: ({ exchanges }) => shown(exchanges) },
      { title: "KEPT", of: keptWord },
    ]);
  else line(context.out, "Nothing is recorded.");
  const { always, next } = state;
  if (always === true) line(context.out, "All calls are recorded.");
  else if (Number(next) > 0) line(context.out, `Calls to come that will be recorded: ${shown(next)}.`);
  else
    line(context.out, "To record the next calls: omniroute recordings --next 5, or X-OmniRoute-Debug: true.");
  return EXIT.fine;
}

function keptWord({ isCut, isPlayable }: JsonObject): string {
  if (isPlayable !== true) return "not playable";
  return isCut === true ? "in part" : "whole";
}

/** Plays a bundle again, offline. Exit code 0 when the same comes of it, 1 when not. */
export async function replayBundle(
  context: CliContext,
  file: string,
  flags: { json?: boolean; answer?: boolean },
): Promise<number> {
  const { readBundle, replay } = await import("../recorder/index.ts");
  let played;
  try {
    played = await replay(readBundle(await readFile(file)));
  } catch (error) {
    if (error instanceof GatewayError) throw new CliError(error.message, EXIT.wrongUse);
    throw error;
  }
  const { then, now, sameOutcome, sameAnswer, answer, departures, refusedAtDoor } = played;
  const isSame = sameOutcome && sameAnswer !== false;
  if (flags.json) json(context.out, { ...played, ...asText(answer) });
  else {
    // The answer may be sound or a picture: nothing may stand between its bytes.
    const out = flags.answer ? context.err : context.out;
    const say = (text: string) => line(out, text);
    say(`Then: ${told(then)}`);
    say(`Now:  ${told(now)}`);
    for (const { exchange, what } of departures) say(`  exchange ${exchange}: ${what}`);
    if (sameAnswer === false) say("  the client would get another answer than then");
    if (sameAnswer === undefined) say("  the answer was too long to be kept whole: it was not compared");
    if (refusedAtDoor)
      say(
        "  it was refused before it was read: keys and limits are not in a bundle, so that is only repeated",
      );
    say(
      paint(
        context,
        out,
        isSame ? "green" : "red",
        isSame ? "The same came of it." : "Something else came of it.",
      ),
    );
  }
  if (flags.answer && !flags.json) context.out.write(answer);
  return isSame ? EXIT.fine : EXIT.failed;
}

/** Text as it is; bytes that are none, in base64. */
function asText(answer: Buffer): { answer: string; answerEncoding: "utf8" | "base64" } {
  const answerEncoding = isUtf8(answer) ? "utf8" : "base64";
  return { answer: answer.toString(answerEncoding), answerEncoding };
}

type Told = {
  status: number;
  errorCode?: string | undefined;
  errorMessage?: string | undefined;
  attempts: readonly { model: string; outcome: string }[];
};

function told({ status, errorCode, errorMessage, attempts }: Told): string {
  const tries = attempts.map(({ model, outcome }) => `${shown(model)} ${shown(outcome)}`).join(", ");
  const error = errorCode === undefined ? "" : ` ${shown(errorCode)}: ${shown(errorMessage)}`;
  return `status ${status}${error}${tries === "" ? "" : ` (${tries})`}`;
}

async function readFile(file: string): Promise<string> {
  const { LARGEST_BUNDLE_BYTES } = await import("../recorder/index.ts");
  try {
    if (statSync(file).size > LARGEST_BUNDLE_BYTES) throw new CliError(`${file} is too large for a bundle.`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${file} cannot be read (${(error as { code?: string }).code ?? "unknown error"}).`);
  }
}
