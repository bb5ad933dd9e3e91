import { parseDocument, stringify } from "yaml";
import type { SettingsFormat } from "./settings-format.ts";

const PLAIN = { lineWidth: 0 } as const;

/** YAML; comments, order and quotes stay. */
export const yaml: SettingsFormat = {
  read(text) {
    const content: unknown = documentOf(text).toJS();
    return content ?? {};
  },
  change(text, location, value) {
    const document = documentOf(text);
    const path = location.map((place, depth) => {
      if (place !== -1) return place;
      const list: unknown = document.toJS();
      return lengthAt(list, location.slice(0, depth));
    });
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
    return document.toString({ ...PLAIN, indentSeq: !hasFlushLists(text) });
  },
  write: (content) => stringify(content, PLAIN),
};

function documentOf(text: string) {
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first) throw new Error(first.message.split("\n")[0]);
  return document;
}

function lengthAt(content: unknown, location: readonly (string | number)[]): number {
  let here = content;
  for (const place of location) here = (here as { [place: string]: unknown } | null)?.[place];
  return Array.isArray(here) ? here.length : 0;
}

/** Does the file write its lists without stepping in? */
const hasFlushLists = (text: string): boolean => /^( *)[\w-]+:[ \t]*\r?\n\1- /m.test(text);
