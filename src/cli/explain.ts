import type { JsonObject } from "../lib/json.ts";
import { isObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { serverOf } from "./installation.ts";
import { json, line, shown } from "./output.ts";
import { printPromptDiff } from "./prompt-diff.ts";

/**
 * Tells the story of a request from its receipt: who asked, what was tried and why it went on, what it cost. `diff`:
 * what broke the provider's cache of its prompt instead.
 */
export async function explainRequest(
  context: CliContext,
  id: string,
  flags: DataFlags & { json?: boolean; diff?: boolean },
): Promise<number> {
  const server = await serverOf(context, flags);
  if (flags.diff) {
    const broke = await server.call("GET", `/api/cache/breaks/${encodeURIComponent(id)}`);
    if (flags.json) json(context.out, broke);
    else printPromptDiff(context, broke);
    return EXIT.fine;
  }
  const receipt = await server.call("GET", `/api/receipts/${encodeURIComponent(id)}`);
  if (flags.json) json(context.out, receipt);
  else for (const sentence of story(receipt)) line(context.out, sentence);
  return EXIT.fine;
}

/** The receipt in sentences. */
export function story(receipt: JsonObject): string[] {
  const answered = isObject(receipt.answered) ? receipt.answered : undefined;
  const error = isObject(receipt.error) ? receipt.error : undefined;
  return [
    `${shown(receipt.request_id)}: ${nameOf(receipt.api_key)}${has(receipt.key_group, (group) => ` of the group ${group}`).join("")} asked ${shown(receipt.path)} for "${shown(receipt.requested)}" at ${shown(receipt.time)}${receipt.stream === true ? ", as a stream" : ""}.`,
    ...objects(receipt.resolved).map(
      (step) => `  ${shown(step.from)} → ${shown(step.to)} (${shown(step.step)})`,
    ),
    ...has(
      receipt.strategy,
      (strategy) => `Order: ${strategy}${has(receipt.combo, (combo) => `, combo ${combo}`).join("")}.`,
    ),
    ...sessionOf(receipt),
    ...(Number(receipt.waited_ms) > 0 ? [`It waited ${shown(receipt.waited_ms)} ms for its turn.`] : []),
    ...objects(receipt.excluded).map(
      (left) =>
        `  left out: ${shown(left.model)}${has(left.connection, (connection) => ` over ${connection}`).join("")}: ${shown(left.reason)}${has(left.until, (until) => ` until ${until}`).join("")}`,
    ),
    ...objects(receipt.attempts).flatMap(attempt),
    ...objects(receipt.not_asked).map(
      (spare) =>
        `  not asked: ${shown(spare.model)} over ${nameOf(spare.connection)}${has(spare.reason, (reason) => `: ${reason}`).join("")}`,
    ),
    answered
      ? `${shown(answered.model)} over ${nameOf(answered.connection)} ${deedOf(error)}${has(receipt.chain, (chain) => `, from the fallback chain ${chain}`).join("")}: status ${shown(receipt.status)} after ${shown(receipt.duration_ms)} ms.`
      : `${NO_PROVIDER[String(receipt.cache)] ?? "Nothing answered"}: status ${shown(receipt.status)} after ${shown(receipt.duration_ms)} ms.`,
    ...(error && error.code !== "cancelled"
      ? [`The client was told: ${shown(error.code)}: ${shown(error.message)}`]
      : []),
    ...lossesOf(receipt),
    ...costOf(receipt),
    ...promptCacheOf(receipt),
  ];
}

/** What the one that answered did. */
function deedOf(error: JsonObject | undefined): string {
  if (!error) return "answered";
  return error.code === "cancelled" ? "was answering when the client left" : "began to answer and broke off";
}

function attempt(one: JsonObject): string[] {
  const first =
    one.first_content_ms === null ? "" : `, first content after ${shown(one.first_content_ms)} ms`;
  const status = one.status === null ? "" : ` (status ${shown(one.status)})`;
  const continues = one.continues === true ? ", writing on from there" : "";
  const lines = [
    `  ${shown(one.position)}. ${shown(one.model)} over ${nameOf(one.connection)}${continues}: ${shown(one.code)}${status} after ${shown(one.duration_ms)} ms${first}`,
  ];
  lines.push(...wayOut(one.egress));
  if (one.code === "ok") return lines;
  if (one.message) lines.push(`     it said: ${shown(one.message)}`);
  const until = has(one.until, (time) => ` until ${time}`).join("");
  const blamed = BLAMED[String(one.blamed)];
  lines.push(`     counts against ${blamed ? `${blamed}${until}` : "nobody"}`);
  if (one.reason_for_next) lines.push(`     ${shown(one.reason_for_next)}`);
  if (one.cost !== null && one.cost !== undefined) lines.push(`     cost ${shown(one.cost)} USD by itself`);
  return lines;
}

function wayOut(egress: unknown): string[] {
  if (!isObject(egress)) return [];
  if (egress.way === "direct") return ["     direct, through no proxy"];
  const exit =
    egress.exit_address === null
      ? "exit address unknown"
      : `exit address ${shown(egress.exit_address)}, seen ${shown(egress.exit_seen)}`;
  return [`     through the proxy ${shown(egress.proxy)} (${shown(egress.level)}), ${exit}`];
}

const NO_PROVIDER: { readonly [cache: string]: string | undefined } = {
  hit: "The answer cache answered, no provider was asked",
  semantic: "The answer cache answered with what it had for a similar question",
  replay: "The answer to an equal call was given again",
};

const BLAMED: { readonly [blamed: string]: string | undefined } = {
  model: "this model over this connection",
  connection: "the connection",
  provider: "the provider",
};

function sessionOf(receipt: JsonObject): string[] {
  const { session } = receipt;
  if (!isObject(session)) return [];
  const affinity =
    session.affinity === "kept"
      ? ": it stayed on the account that holds its prompt cache"
      : session.affinity === "moved"
        ? ": it left the account that holds its prompt cache"
        : "";
  return [`Conversation ${shown(session.id)}${affinity}.`];
}

function lossesOf({ translation }: JsonObject): string[] {
  if (!isObject(translation)) return [];
  const losses = Array.isArray(translation.losses) ? translation.losses : [];
  const way =
    translation.to === null || translation.to === translation.from
      ? []
      : [`Translated from ${shown(translation.from)} to ${shown(translation.to)}.`];
  return [...way, ...losses.map((loss: unknown) => `  lost on the way: ${shown(loss)}`)];
}

function costOf(receipt: JsonObject): string[] {
  const { usage } = receipt;
  if (!isObject(usage)) return [];
  const counts = Object.entries(usage)
    .filter(([name, value]) => typeof value === "number" && name !== "estimated")
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(", ");
  const cost =
    receipt.cost === null ? "price unknown" : `${shown(receipt.cost)} USD (${shown(receipt.cost_kind)})`;
  return [`Tokens: ${counts}${usage.estimated === true ? ", estimated" : ""}. Cost: ${cost}.`];
}

/** What the provider still knew of the conversation, and why not more. */
function promptCacheOf({ prompt_cache: told }: JsonObject): string[] {
  if (!isObject(told) || (told.read === 0 && told.written === 0 && !isObject(told.broken_by))) return [];
  const share = typeof told.share === "number" ? Math.round(told.share * 100) : 0;
  const lines = [`Prompt cache of the provider: ${shown(told.read)} tokens read, ${share} % of the input.`];
  const { broken_by: broken } = told;
  if (isObject(broken))
    lines.push(
      `  not more, because of ${shown(broken.element)} at byte ${shown(broken.offset)}: changed by the ${shown(broken.changed_by)}`,
    );
  return lines;
}

/** A sentence about a value that is there; objects go by their name. */
function has(value: unknown, sentence: (text: string) => string): string[] {
  return value === null || value === undefined ? [] : [sentence(nameOf(value))];
}

const nameOf = (value: unknown): string => (isObject(value) ? shown(value.name ?? value.id) : shown(value));
