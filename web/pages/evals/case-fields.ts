import { badRequest, GatewayError } from "../../../src/core/errors.ts";
import type { EvalCase, Suite } from "../../../src/evals/index.ts";
import { isObject, tryParseJson } from "../../../src/lib/json.ts";
import { FormFields } from "../../server/form-fields.ts";
import type { Visit } from "../../visit.ts";

/** A question while it is being written: what the form shows of it, and in `rest` what it does not. */
export type CaseDraft = {
  id: string;
  name: string;
  question: string;
  strategy: string;
  value: string;
  flags: string;
  judge: string;
  tags: string;
  /** The whole question as JSON, for what has no field: earlier messages, temperature, a model of its own. */
  rest: string;
};

/** Fields are called as the engine calls what is wrong with them, so that each fault finds its field. */
const PATHS: { readonly [field in keyof CaseDraft]: string } = {
  id: "id",
  name: "name",
  question: "input",
  strategy: "expected.strategy",
  value: "expected.value",
  flags: "expected.flags",
  judge: "expected.model",
  tags: "tags",
  rest: "rest",
};
const FIELDS = Object.keys(PATHS) as (keyof CaseDraft)[];

/** The name of a question's field in the form. */
export const fieldName = (index: number, field: keyof CaseDraft): string => `cases.${index}.${PATHS[field]}`;

export const EMPTY_CASE: CaseDraft = {
  id: "",
  name: "",
  question: "",
  strategy: "contains",
  value: "",
  flags: "",
  judge: "",
  tags: "",
  rest: "",
};

/** A stored question as the form shows it. */
export function draftOf(one: EvalCase): CaseDraft {
  const { id, name, input, expected, tags, model } = one;
  const hasMore = typeof input !== "string" || model !== undefined;
  return {
    id,
    name,
    question: typeof input === "string" ? input : (input.messages.at(-1)?.content ?? ""),
    strategy: expected.strategy,
    value: expected.value,
    flags: expected.flags ?? "",
    judge: expected.model ?? "",
    tags: tags.join(", "),
    rest: hasMore ? JSON.stringify({ input, model }) : "",
  };
}

/** How many messages stand before the one the form shows. */
export function earlierMessages({ rest }: CaseDraft): number {
  const { input } = restOf(rest);
  return isObject(input) && Array.isArray(input.messages) ? input.messages.length - 1 : 0;
}

/** The questions as they were typed. */
export function draftsIn(form: FormFields): CaseDraft[] {
  const drafts: CaseDraft[] = [];
  while (form.has(fieldName(drafts.length, "name"))) {
    const index = drafts.length;
    const typed = (field: keyof CaseDraft) => form.secret(fieldName(index, field)).replaceAll("\r\n", "\n");
    drafts.push(Object.fromEntries(FIELDS.map((field) => [field, typed(field)])) as CaseDraft);
  }
  return drafts;
}

/** Carries out a button of the form: `add`, `up:1`, `down:0`, `remove:2`. Gives the form as it then is. */
export function rearranged(form: FormFields): FormFields {
  const drafts = draftsIn(form);
  const count = drafts.length;
  const [verb = "", position = ""] = form.text("move").split(":");
  const at = Number(position);
  const [taken] = verb === "add" || !(at in drafts) ? [] : drafts.splice(at, 1);
  if (verb === "add") drafts.push(EMPTY_CASE);
  else if (taken && verb === "up") drafts.splice(Math.max(0, at - 1), 0, taken);
  else if (taken && verb === "down") drafts.splice(at + 1, 0, taken);
  const changes: { [name: string]: string[] } = {};
  for (let index = 0; index < Math.max(count, drafts.length); index++) {
    const draft = drafts[index];
    for (const field of FIELDS) changes[fieldName(index, field)] = draft ? [draft[field]] : [];
  }
  return form.with(changes);
}

/** Saves what the form says. What cannot be checked is told at its field, in the reader's words. */
export function saveFromFields({ engine, actor, say }: Visit, form: FormFields): Suite {
  const drafts = draftsIn(form);
  try {
    return engine.evals.suites.save(
      form.text("suite"),
      {
        name: form.text("name"),
        description: form.text("description"),
        cases: drafts.map((draft, index) => caseOf(draft, index)) as never,
      },
      actor,
    );
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param === undefined) throw error;
    if (error.param === "id") throw badRequest(say("evals.fault.id"), "suite");
    throw atField(error, drafts, say);
  }
}

function atField(error: GatewayError, drafts: readonly CaseDraft[], say: Visit["say"]): GatewayError {
  const { param = "", message } = error;
  const index = Number(/^cases\.(\d+)\./.exec(param)?.[1]);
  const draft = drafts[index];
  if (!draft) return error;
  const field = FIELDS.find((each) => fieldName(index, each) === param);
  if (field !== undefined && draft[field].trim() === "") return badRequest(say("evals.fault.empty"), param);
  const why = message.replace(/^[\w.]+: /, "");
  if (field === "value" && draft.strategy === "regex")
    return badRequest(say("evals.fault.regex", { why }), param);
  if (field === "value" && draft.strategy === "custom")
    return badRequest(say("evals.fault.custom", { why }), param);
  return badRequest(why, param);
}

function caseOf(draft: CaseDraft, index: number) {
  const { name, strategy, value, flags, judge, tags } = draft;
  const { input, model } = restOf(draft.rest);
  return {
    id: draft.id.trim() || idFrom(name, index),
    name: name.trim(),
    ...(model !== undefined && { model }),
    input: inputOf(input, draft.question.trim()),
    expected: {
      strategy,
      value,
      ...(strategy === "regex" && flags.trim() !== "" && { flags: flags.trim() }),
      ...(strategy === "judge" && judge.trim() !== "" && { model: judge.trim() }),
    },
    tags: tags.split(/[\s,]+/).filter(Boolean),
  };
}

/** The question in the place of the last message of a conversation, or by itself. */
function inputOf(input: unknown, question: string): unknown {
  if (!isObject(input) || !Array.isArray(input.messages)) return question;
  const last: unknown = input.messages.at(-1);
  const message = { ...(isObject(last) ? last : { role: "user" }), content: question };
  return { ...input, messages: [...input.messages.slice(0, -1), message] };
}

function restOf(rest: string): { input?: unknown; model?: unknown } {
  const parsed = tryParseJson(rest);
  return isObject(parsed) ? parsed : {};
}

/** `Capital of Peru` becomes `capital-of-peru`; a name without letters, its place. */
function idFrom(name: string, index: number): string {
  const plain = name.normalize("NFKD").replaceAll(/[\u0300-\u036f]/g, "");
  const words = plain.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, 60) || `question-${index + 1}`;
}
