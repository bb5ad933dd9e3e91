import { isDeepStrictEqual } from "node:util";
import type { Part } from "../core/reply.ts";
import { type ChatRequest, systemText } from "../core/request.ts";
import { tryParseJson } from "../lib/json.ts";

/**
 * What two canonical requests say differently, in short words ("turn 2", "tools"); empty when they mean the same.
 * Ids, vendor fields and settings that a format may lack are not looked at: those are told as losses.
 */
export function differences(before: ChatRequest, after: ChatRequest): string[] {
  const found: string[] = [];
  const compare = (what: string, left: unknown, right: unknown) => {
    if (!isDeepStrictEqual(left, right)) found.push(what);
  };
  const inWords = asksInWords(before, after);
  const system = systemText(after);
  compare(
    "system",
    systemText(before),
    inWords && system.includes(systemText(before)) ? systemText(before) : system,
  );
  const [said, saidAfter] = [turnsOf(before), turnsOf(after)];
  compare("number of turns", said.length, saidAfter.length);
  for (const [index, turn] of said.entries())
    if (saidAfter[index]) compare(`turn ${index + 1}`, turn, saidAfter[index]);
  compare("tools", toolsOf(before), toolsOf(after));
  if (!inWords) compare("shape of the answer", shapeOf(before), shapeOf(after));
  return found;
}

const shapeOf = ({ output }: ChatRequest): string => output?.type ?? "text";

/** The shape of the answer became words of the system text, for a target that has no field for it. */
function asksInWords(before: ChatRequest, after: ChatRequest): boolean {
  return shapeOf(before) !== "text" && shapeOf(after) === "text" && systemText(after).includes("JSON");
}

/** What each side says without a break; formats differ in how they cut it into messages. */
function turnsOf({ messages }: ChatRequest): { role: string; said: unknown[] }[] {
  const turns: { role: string; said: unknown[] }[] = [];
  for (const { role, parts } of messages) {
    if (role === "system") continue;
    const said = parts.flatMap(saidBy);
    const last = turns.at(-1);
    if (last?.role === role) last.said.push(...said);
    else turns.push({ role, said });
  }
  return turns;
}

function saidBy(part: Part): unknown[] {
  switch (part.type) {
    case "text":
    case "refusal":
      return [part.text];
    case "media":
      return [{ media: part.kind }];
    case "tool-call":
      return [{ call: part.name, input: tryParseJson(part.input) ?? part.input }];
    case "tool-result":
      return [{ result: part.output.flatMap(saidBy) }];
    case "reasoning":
    case "other":
      return [];
  }
}

const toolsOf = ({ tools = [] }: ChatRequest): string[] => tools.map(({ name }) => name).toSorted();
