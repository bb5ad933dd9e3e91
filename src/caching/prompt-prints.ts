import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";

/**
 * The part of a prompt that providers keep, piece by piece in the order in which they read it: tools, system text,
 * then the turns. Of each piece only hashes of short blocks are kept, so that a difference can be found without
 * keeping anybody's words. A turn that is a list of parts has a piece for itself and one for each part: the last turn
 * may get further parts, and what was kept of it still fits. `start`: where a piece stands in its element's JSON.
 */
export type Prints = readonly { element: string; start: number; length: number; blocks: Uint32Array }[];

/** Where two prompts part: `offset` in bytes of that element's JSON, to within one block. */
export type Parting = { element: string; offset: number; keptBytes: number };

/** Bytes in a block: how exactly the place of a difference is known. */
export const BLOCK_BYTES = 64;

/** A prompt taken apart in the order providers read it. */
export type Prompt = {
  elements: readonly { name: string; value: unknown }[];
  /** Which of its blocks carry a cache mark, counted from the beginning. */
  marks: readonly number[];
};

/** The prompt of a wire body, of any chat format; undefined when it is not JSON or not one of them. */
export function promptOf(body: string): Prompt | undefined {
  const parsed = tryParseJson(body);
  if (!isObject(parsed)) return undefined;
  const prompt = isObject(parsed.request) ? parsed.request : parsed;
  const turns = prompt.messages ?? prompt.input ?? prompt.contents;
  if (!Array.isArray(turns)) return undefined;
  const opening = turns.findIndex((turn) => !isSystem(turn));
  const head = opening < 0 ? turns.length : opening;
  const all = [
    { name: "tools", value: prompt.tools },
    { name: "system", value: systemOf(prompt) ?? (head > 0 ? turns.slice(0, head) : undefined) },
    ...turns.slice(head).map((value: unknown, index) => ({ name: `message ${head + index + 1}`, value })),
  ];
  const elements = all.filter(({ value }) => value !== undefined);
  const marks = body.includes('"cache_control"') ? marksOf(elements, prompt.cache_control) : [];
  return { elements, marks };
}

/** A hash for each short block of a prompt's elements. */
export const printsOf = ({ elements }: Prompt): Prints =>
  elements.flatMap(({ name, value }) =>
    rankOf(name) === 2 ? turnPrints(name, value) : [printOf(name, value)],
  );

/** `atEnd`: the mark of the whole request, which stands for one on the last block. */
function marksOf(elements: Prompt["elements"], atEnd: unknown): number[] {
  const blocks = elements.flatMap(({ name, value }) =>
    name === "tools" || name === "system" ? listOf(value).flatMap(blocksOf) : blocksOf(value),
  );
  const marks = blocks.flatMap((block, index) => (isMarked(block) ? [index] : []));
  return isObject(atEnd) ? [...marks, blocks.length - 1] : marks;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** What a turn is made of; what is no turn is one block. */
function blocksOf(value: unknown): unknown[] {
  const inside = isObject(value) ? (value.content ?? value.parts) : undefined;
  return Array.isArray(inside) && !isMarked(value) ? inside : [value];
}

const isMarked = (block: unknown): boolean => isObject(block) && isObject(block.cache_control);

/** Anthropic looks for what it kept in so many blocks before a mark (https://docs.claude.com/en/docs/build-with-claude/prompt-caching). */
const BLOCKS_BEFORE_MARK = 20;

/** Can a provider that goes by marks no longer find what it kept at those of the turn before? */
export function losesMarks(before: Prompt["marks"], after: Prompt["marks"]): boolean {
  const isFound = (kept: number) => after.some((mark) => mark >= kept && mark - kept <= BLOCKS_BEFORE_MARK);
  return before.length > 0 && !before.some(isFound);
}

const systemOf = (prompt: JsonObject): unknown =>
  prompt.system ?? prompt.instructions ?? prompt.systemInstruction ?? prompt.system_instruction;

const isSystem = (turn: unknown): boolean =>
  isObject(turn) && (turn.role === "system" || turn.role === "developer");

/** What tells one conversation from another: a hash of its first turn; "" where there is none. */
export function openingOf(prints: Prints): string {
  const first = prints.find(({ element }) => rankOf(element) === 2)?.element;
  if (first === undefined) return "";
  let hash = 0n;
  for (const { element, length, blocks } of prints)
    if (element === first) hash = Bun.hash.xxHash64(blocks, hash ^ BigInt(length));
  return hash.toString(36);
}

/** Do two prompts have the same tools and system text? */
export function haveSameHead(left: Prints, right: Prints): boolean {
  const headOf = (prints: Prints) =>
    prints.flatMap(({ element, blocks }) => (rankOf(element) === 2 ? [] : [`${element} ${blocks.join()}`]));
  return headOf(left).join() === headOf(right).join();
}

function turnPrints(element: string, turn: unknown): Prints {
  const field = isObject(turn) ? ["content", "parts"].find((each) => Array.isArray(turn[each])) : undefined;
  if (!isObject(turn) || field === undefined) return [printOf(element, turn)];
  const whole = printOf(element, { ...turn, [field]: [] });
  const prints = [whole];
  let start =
    JSON.stringify({ ...turn, [field]: [] }, withoutMarks).indexOf(`"${field}":[]`) + field.length + 4;
  for (const part of turn[field] as unknown[]) {
    const print = printOf(element, part, start);
    prints.push(print);
    start += print.length + 1;
  }
  return prints;
}

function printOf(element: string, value: unknown, start = 0): Prints[number] {
  const bytes = Buffer.from(JSON.stringify(value, withoutMarks));
  const blocks = new Uint32Array(Math.ceil(bytes.length / BLOCK_BYTES));
  for (let index = 0; index < blocks.length; index++)
    blocks[index] = Bun.hash.xxHash32(bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
  return { element, start, length: bytes.length, blocks };
}

/** For `JSON.stringify`: marks say what to keep and move on with every turn; they are no part of what is kept. */
export const withoutMarks = (field: string, value: unknown): unknown =>
  field === "cache_control" ? undefined : value;

/**
 * Where a later turn of a conversation stops saying what the one before said; undefined while it only goes on. A
 * conversation that was cut back parts where its end is missing.
 */
export function partingOf(before: Prints, after: Prints): Parting | undefined {
  let keptBytes = 0;
  for (const [index, print] of before.entries()) {
    const now = after[index];
    if (!now || now.element !== print.element) return { element: print.element, offset: 0, keptBytes };
    const shared = sharedBytes(print, now);
    if (shared < print.length || now.length !== print.length)
      return { element: print.element, offset: print.start + shared, keptBytes: keptBytes + shared };
    keptBytes += print.length;
  }
  return undefined;
}

function sharedBytes(before: Prints[number], after: Prints[number]): number {
  const most = Math.min(before.blocks.length, after.blocks.length);
  let index = 0;
  while (index < most && before.blocks[index] === after.blocks[index]) index++;
  return Math.min(index * BLOCK_BYTES, before.length, after.length);
}

/** Tools come first, then the system text, then the turns. */
export const rankOf = (element: string): number => (element === "tools" ? 0 : element === "system" ? 1 : 2);

/** What keeping them takes, in bytes. */
export const sizeOf = (prints: Prints): number =>
  prints.reduce((sum, { element, blocks }) => sum + element.length + blocks.byteLength + 32, 0);
