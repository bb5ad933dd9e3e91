import { lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import { claudeCode } from "./claude-code.ts";
import { codexCli } from "./codex-cli.ts";
import { copilot } from "./copilot.ts";
import type { CredentialFile, FoundSignIn } from "./credential-file.ts";
import { geminiCliFile } from "./gemini-cli.ts";
import { kiroCache } from "./kiro-cache.ts";
import { qwenCode } from "./qwen-code.ts";

export type { CredentialFile, FoundSignIn } from "./credential-file.ts";

/** Where vendors' own programs keep their sign-ins. */
export const CREDENTIAL_FILES: readonly CredentialFile[] = [
  claudeCode,
  codexCli,
  geminiCliFile,
  copilot,
  kiroCache,
  qwenCode,
];

const LARGEST_BYTES = 1024 * 1024;

/** The sign-in a program has left below a home directory; undefined where there is none that can be read. */
export function readCredentialFile(file: CredentialFile, home: string): FoundSignIn | undefined {
  const path = join(home, file.path);
  const content = readJson(path);
  return content && file.read(content, (name) => readJson(join(dirname(path), name)));
}

/** The sign-in in a file's text, as a person pastes or uploads it. */
export function readCredentialText(provider: string, text: string): FoundSignIn | undefined {
  const content = tryParseJson(text);
  if (!isObject(content)) return undefined;
  for (const file of CREDENTIAL_FILES) {
    if (file.provider !== provider) continue;
    const found = file.read(content, () => undefined);
    if (found) return found;
  }
  return undefined;
}

function readJson(path: string): JsonObject | undefined {
  try {
    // Links are not followed: what they lead to was not meant.
    const facts = lstatSync(path);
    if (!facts.isFile() || facts.size > LARGEST_BYTES) return undefined;
    const content = tryParseJson(readFileSync(path, "utf8"));
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}
