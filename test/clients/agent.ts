import { basename } from "node:path";
import type { JsonObject } from "../../src/lib/json.ts";
import { fitArguments, programFor } from "./arguments.ts";
import { type Task, taskIn } from "./task.ts";

/** A tool as it was offered, in no vendor's wire format. */
export type Offered = {
  name: string;
  namespace?: string;
  description?: string;
  parameters?: JsonObject;
  /** Takes text instead of an object. */
  freeText?: boolean;
};

/** What a request says to a model. */
export type Asked = {
  tools: Offered[];
  /** Everything the user and the instructions said. */
  said: string;
  /** Results of tool calls so far, in order. */
  results: { text: string; failed: boolean }[];
  /** The shape the answer must have. */
  schema?: JsonObject;
  /** Tools are there for the history's sake and must not be called: a summary is wanted. */
  mayNotCall?: boolean;
};

export type Call = { tool: Offered; input: JsonObject | string };

/** One turn of the model. */
export type Turn = { thought: string; text: string; calls: Call[] };

/**
 * Works on the task of the conversation as a model would, from what the request says alone: writes the file, reads
 * it back with two calls at once, and says that it is done. Answers everything else with a few words.
 */
export function nextTurn(asked: Asked): Turn {
  const task = taskIn(asked.said);
  if (asked.schema) return say(JSON.stringify(fitArguments(asked.schema, { text: "small talk" })));
  const { results, tools } = asked;
  if (!task) return say("A small file");
  const summary = `The line ${task.line} stands in the file already.`;
  if (asked.mayNotCall || (tools.length === 0 && results.length > 0)) return say(summary);
  if (tools.length === 0) return say("A small file");
  if (asked.said.includes(summary)) return say(task.done);
  if (results.length === 0) {
    const write = writing(tools, task);
    if (!write) return say(`FAILED: no tool here writes files (${tools.map(({ name }) => name).join(", ")})`);
    return { thought: "The file is to be written first.", text: "I will write the file.", calls: [write] };
  }
  const seen = results.map(({ text }) => text).join("\n");
  if (results.length === 1) {
    const reads = readings(tools, task);
    if (reads.length > 0) return { thought: "Now the file is read back.", text: "", calls: reads };
  } else if (!results.slice(1).some(({ text }) => text.includes(task.line))) {
    return say(`FAILED: the file does not hold the line: ${seen.slice(0, 500)}`);
  }
  return { ...say(task.done), thought: "The file is as it should be." };
}

const say = (text: string): Turn => ({ thought: "", text, calls: [] });

const WRITERS = /^(?:write|write_?file|create_?file|create_new_file|write_to_file)$/i;
const READERS = /^(?:read|read_?files?|view)$/i;
const SHELLS =
  /^(?:bash|shell|exec|exec_command|shell_command|run_shell_command|run_commands?|run_terminal_command|execute_command)$/i;

function writing(tools: readonly Offered[], task: Task): Call | undefined {
  const patch = tools.find((tool) => plainName(tool) === "apply_patch" && takesText(tool));
  if (patch) return { tool: patch, input: textFor(patch, patchFor(task)) };
  const code = codeTool(tools);
  if (code) return { tool: code, input: textFor(code, programFor(code, shellWrite(task))) };
  const writer = tools.find((tool) => WRITERS.test(plainName(tool)));
  if (writer) return { tool: writer, input: argumentsFor(writer, task, shellWrite(task)) };
  return shell(tools, task, shellWrite(task));
}

/** Two calls at once, of different tools where there are: some clients answer the same call only once. */
function readings(tools: readonly Offered[], task: Task): Call[] {
  const code = codeTool(tools);
  const reader = tools.find((tool) => READERS.test(plainName(tool)));
  const ways = [
    code && { tool: code, input: textFor(code, programFor(code, shellRead(task))) },
    reader && { tool: reader, input: argumentsFor(reader, task, shellRead(task)) },
    shell(tools, task, shellRead(task)),
  ].filter((way) => way !== undefined);
  const [first, second = first] = ways;
  return first && second ? [first, second] : [];
}

/** Codex's way to give newer models all tools at once: one that runs a program. */
const codeTool = (tools: readonly Offered[]): Offered | undefined =>
  tools.find((tool) => plainName(tool) === "exec" && takesText(tool));

/** A gateway may have put the namespace into the name. */
const plainName = ({ name }: Offered): string => name.slice(name.lastIndexOf("__") + 1).replace(/^_/, "");

/** A tool for free text; to a model that knows no such tools it is offered as a function with one field. */
function takesText({ freeText, parameters }: Offered): boolean {
  return freeText === true || Object.keys(parameters?.["properties"] ?? {}).join() === "input";
}

const textFor = (tool: Offered, input: string): Call["input"] => (tool.freeText ? input : { input });

function shell(tools: readonly Offered[], task: Task, command: string): Call | undefined {
  const tool = tools.find((one) => SHELLS.test(plainName(one)) && !takesText(one));
  return tool && { tool, input: argumentsFor(tool, task, command) };
}

const argumentsFor = (tool: Offered, task: Task, command: string): JsonObject =>
  fitArguments(tool.parameters ?? {}, { path: task.path, content: `${task.line}\n`, command, text: "hello" });

const patchFor = (task: Task): string =>
  `*** Begin Patch\n*** Add File: ${basename(task.path)}\n+${task.line}\n*** End Patch\n`;
const shellWrite = (task: Task): string => `printf '%s\\n' '${task.line}' > '${task.path}'`;
const shellRead = (task: Task): string => `cat '${task.path}'`;
