import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import type { Format } from "../../src/core/format.ts";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import type { ChatRequest, Tool } from "../../src/core/request.ts";
import { isObject, parseJson } from "../../src/lib/json.ts";
import { corpusDirectory } from "../kit/corpus.ts";
import { loadFormat } from "../kit/answers.ts";
import { requestQuirks } from "../kit/corpus-quirks.ts";
import { indexedFacts, requestFacts, type IndexRequest, type Said } from "../kit/request-facts.ts";

type Aspect = "system" | "turns" | "tools";
type Written = { file: string; format: FormatId; expected: IndexRequest };
/** One request, written by hand in several formats to mean the same, as far as `same` lists the formats. */
type SameRequest = { case: string; same: { [A in Aspect]: FormatId[] }; requests: Written[] };

const index = join(corpusDirectory, "index.json");

if (existsSync(index)) await runCases();
else console.warn("The corpus of requests is not here: its tests are skipped.");

async function runCases(): Promise<void> {
  const { same_request: all } = JSON.parse(readFileSync(index, "utf8")) as { same_request: SameRequest[] };
  const formats = new Map<FormatId, Format | undefined>();
  for (const id of FORMAT_IDS) formats.set(id, await loadFormat(id));
  for (const one of all)
    describe(one.case, () => {
      for (const source of one.requests) {
        const from = formats.get(source.format);
        if (!from) continue;
        test(`${source.format} is read as it is meant`, () => isReadAsMeant(from, source));
        for (const sibling of one.requests) {
          const to = formats.get(sibling.format);
          if (to && sibling !== source)
            test(`${source.format} says in ${sibling.format} what its sibling says`, () =>
              saysTheSame(one, { from, source }, { to, sibling }));
        }
      }
    });
}

function isReadAsMeant(format: Format, written: Written): void {
  const facts = requestFacts(decoded(format, written));
  const expected = indexedFacts(written.expected);
  expect(facts.system).toBe(expected.system);
  expect(facts.said.flatMap(words)).toEqual(expected.said.flatMap(words));
}

/** Texts and calls in order. The index does not know which Gemini result answers which call, nor its text. */
function words(one: Said): unknown[] {
  if ("media" in one) return [];
  if ("call" in one) return [{ call: one.name, input: one.input }];
  return "result" in one ? ["a result"] : [one];
}

function saysTheSame(
  one: SameRequest,
  { from, source }: { from: Format; source: Written },
  { to, sibling }: { to: Format; sibling: Written },
): void {
  const request = decoded(from, source);
  const model = sibling.expected.model ?? "gemini-2.5-flash";
  const target = { id: model, maker: `test/${model}` };
  const encoded = to.encodeRequest({ ...request, model }, target, requestQuirks(to.id, sibling.file));
  const again = to.decodeRequest(parseJson(JSON.stringify(encoded.body)) as Body, pathOf(sibling));
  const wanted = decoded(to, sibling);
  const both = (aspect: Aspect) =>
    one.same[aspect].includes(source.format) && one.same[aspect].includes(sibling.format);
  if (both("system")) expect(requestFacts(again).system).toBe(requestFacts(wanted).system);
  if (both("turns")) expect(turnsOf(again)).toEqual(turnsOf(wanted));
  if (both("tools")) expect(toolsOf(again, source)).toEqual(toolsOf(wanted, sibling));
}

type Body = { [field: string]: unknown };

function decoded(format: Format, written: Written): ChatRequest {
  const body = parseJson(readFileSync(join(corpusDirectory, written.file), "utf8")) as Body;
  return format.decodeRequest(body, pathOf(written));
}

const pathOf = (written: Written) => ({ model: written.expected.model ?? "m", stream: false });

/** Ids differ between the siblings; which result answers which call does not. */
function turnsOf(request: ChatRequest): unknown[] {
  const { said } = requestFacts(request);
  const calls = new Map<string, number>();
  for (const one of said) if ("call" in one) calls.set(one.call, calls.size);
  return said.flatMap((one): unknown[] => {
    if ("call" in one) return [{ call: one.name, input: one.input }];
    return "result" in one ? [{ result: calls.get(one.result) ?? "of nothing", text: one.text }] : [one];
  });
}

/**
 * Functions with the names of their parameters; the words of schemas differ by format. Tools without a schema in the
 * recorded request (Claude's `bash`) are not the same tool in the sibling.
 */
function toolsOf(request: ChatRequest, written: Written): unknown[] {
  const names = new Set(
    written.expected.tools.filter((tool) => "parameters" in tool).map((tool) => tool.name),
  );
  return (request.tools ?? [])
    .filter((tool) => tool.type === "function" && names.has(tool.name))
    .map(shapeOf);
}

function shapeOf(tool: Tool): unknown {
  if (tool.type !== "function") return tool.type;
  const properties = tool.parameters?.["properties"];
  return {
    name: tool.name,
    properties: isObject(properties) ? Object.keys(properties) : [],
    required: tool.parameters?.["required"] ?? [],
  };
}
