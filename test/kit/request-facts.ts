import type { ChatRequest } from "../../src/core/request.ts";
import type { Part } from "../../src/core/reply.ts";
import { canonicalJson } from "./reply-facts.ts";

/** One thing said in a request, whoever's wire it came over. */
export type Said =
  | { who: string; text: string }
  | { call: string; name: string; input: string }
  | { result: string; text?: string }
  | { who: string; media: string };

export type RequestFacts = {
  system: string;
  said: Said[];
  tools: string[];
  maxOutputTokens: number | undefined;
  stream: boolean;
};

/** What a decoded request says: leading system text apart, then texts, calls, results and media in order. */
export function requestFacts(request: ChatRequest): RequestFacts {
  const system: string[] = [];
  const said: Said[] = [];
  for (const message of request.messages)
    for (const part of message.parts) {
      if (message.role === "system" && part.type === "text") system.push(part.text);
      else said.push(...readPart(message.role, part));
    }
  return {
    system: system.join("\n"),
    said,
    tools: (request.tools ?? []).filter((tool) => tool.type !== "hosted").map((tool) => tool.name),
    maxOutputTokens: request.maxOutputTokens,
    stream: request.stream,
  };
}

function readPart(who: string, part: Part): Said[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ who, text: part.text }];
    case "tool-call":
      return [{ call: part.id, name: part.name, input: canonicalJson(part.input) }];
    case "tool-result":
      return [{ result: part.id, text: part.output.map((p) => (p.type === "text" ? p.text : "")).join("") }];
    case "media":
      return [{ who, media: part.kind }];
    case "reasoning":
    case "refusal":
    case "other":
      return [];
  }
}

type IndexPart = {
  t: string;
  text?: string;
  id?: string | null;
  name?: string;
  arguments?: unknown;
  response?: unknown;
};
export type IndexRequest = {
  system: string[];
  turns: { role: string; parts: IndexPart[] }[];
  tools: { name?: string; parameters?: unknown }[];
  max_output_tokens: number | null;
  model: string | null;
  stream: boolean | null;
};

/** The same facts as the corpus index states them. */
export function indexedFacts(expected: IndexRequest): RequestFacts {
  const system = [...expected.system];
  const said: Said[] = [];
  for (const turn of expected.turns)
    for (const part of turn.parts) {
      if (turn.role === "system" || turn.role === "developer") system.push(part.text ?? "");
      else said.push(...readIndexPart(turn.role, part));
    }
  return {
    system: system.join("\n"),
    said,
    tools: expected.tools.filter((tool) => "parameters" in tool).map((tool) => tool.name ?? ""),
    maxOutputTokens: expected.max_output_tokens ?? undefined,
    stream: expected.stream ?? false,
  };
}

function readIndexPart(who: string, part: IndexPart): Said[] {
  switch (part.t) {
    case "text":
      return part.text ? [{ who, text: part.text }] : [];
    case "tool_call":
      return [
        {
          call: part.id ?? "",
          name: part.name ?? "",
          input: canonicalJson(JSON.stringify(part.arguments ?? {})),
        },
      ];
    case "tool_result":
      return [{ result: part.id ?? "", ...(part.response === undefined && { text: part.text ?? "" }) }];
    case "image":
    case "document":
    case "audio":
      return [{ who, media: part.t }];
    default:
      return [];
  }
}
