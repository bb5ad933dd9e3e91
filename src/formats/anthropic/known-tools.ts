import type { JsonObject } from "../../lib/json.ts";

/**
 * Tools that Anthropic declares by a type word alone, because Claude was trained on them, but which the client runs
 * itself. Their inputs are documented, so other models can be offered them as ordinary functions.
 */
export function knownClientTool(type: string): { description: string; parameters: JsonObject } | undefined {
  if (/^bash_\d+$/.test(type)) return BASH;
  if (/^text_editor_\d+$/.test(type)) return textEditor(type);
  if (/^memory_\d+$/.test(type)) return MEMORY;
  return undefined;
}

const text = (description: string): JsonObject => ({ type: "string", description });
const line = (description: string): JsonObject => ({ type: "integer", minimum: 0, description });
const RANGE: JsonObject = {
  type: "array",
  items: { type: "integer" },
  description: "For view: first and last line to show, counted from 1; -1 as the last line means the end.",
};

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/bash-tool */
const BASH = {
  description: "Runs a command in a shell session that stays open between calls.",
  parameters: {
    type: "object",
    properties: {
      command: text("The command to run. Needed unless the session is restarted."),
      restart: { type: "boolean", description: "True starts the session anew." },
    },
  },
};

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/text-editor-tool */
function textEditor(type: string): { description: string; parameters: JsonObject } {
  const early = type < "text_editor_20250429";
  const commands = ["view", "create", "str_replace", "insert", ...(early ? ["undo_edit"] : [])];
  return {
    description: "Views, creates and edits text files.",
    parameters: {
      type: "object",
      properties: {
        command: { type: "string", enum: commands, description: "What to do." },
        path: text("The file or folder."),
        view_range: RANGE,
        file_text: text("For create: the content of the new file."),
        old_str: text("For str_replace: the text to replace; it must occur exactly once."),
        new_str: text(`For str_replace${early ? " and insert" : ""}: the new text.`),
        insert_line: line("For insert: the line after which to insert; 0 is the start of the file."),
        ...(!early && { insert_text: text("For insert: the text to insert.") }),
      },
      required: ["command", "path"],
    },
  };
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/memory-tool */
const MEMORY = {
  description: "Keeps notes between conversations as files under /memories.",
  parameters: {
    type: "object",
    properties: {
      command: {
        type: "string",
        enum: ["view", "create", "str_replace", "insert", "delete", "rename"],
        description: "What to do.",
      },
      path: text("The file or folder, under /memories."),
      view_range: RANGE,
      file_text: text("For create: the content of the file."),
      old_str: text("For str_replace: the text to replace."),
      new_str: text("For str_replace: the new text."),
      insert_line: line("For insert: the line after which to insert; 0 is the start of the file."),
      insert_text: text("For insert: the text to insert."),
      old_path: text("For rename: the present path."),
      new_path: text("For rename: the new path."),
    },
    required: ["command"],
  },
};
