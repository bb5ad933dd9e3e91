import { applyEdits, modify, parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import type { SettingsFormat } from "./settings-format.ts";

/** JSON, with the comments and trailing commas that editors allow themselves. */
export const json: SettingsFormat = {
  read(text) {
    if (text.trim() === "") return {};
    const errors: ParseError[] = [];
    const content: unknown = parse(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first) throw new Error(`${printParseErrorCode(first.error)} in line ${lineOf(text, first.offset)}`);
    return content;
  },
  change(text, location, value) {
    const edits = modify(text.trim() === "" ? "{}\n" : text, [...location], value, {
      formattingOptions: layoutOf(text),
    });
    return applyEdits(text.trim() === "" ? "{}\n" : text, edits);
  },
  write: (content) => `${JSON.stringify(content, null, 2)}\n`,
};

/** Lines and steps as the file has them already. */
function layoutOf(text: string) {
  const step = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
  return {
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    insertSpaces: !step.includes("\t"),
    tabSize: step.includes("\t") ? 1 : step.length,
  };
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
