import { redact } from "../lib/log.ts";

const STRUCK = "[account]";
/** How providers name the account in their errors. */
const ACCOUNTS: readonly RegExp[] = [
  /\b(?:org|proj|user|acct|team|workspace|wrkspc|project)[-_][A-Za-z0-9]{6,}\b/g,
  /\b(?<=team |organization |workspace |account |project |user )[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b/g,
];

/** A provider's words without keys, tokens, account ids and mail addresses, and without the values in `known`. */
export function withoutSecrets(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, "[redacted]");
  clean = redact(clean);
  for (const pattern of ACCOUNTS) clean = clean.replace(pattern, STRUCK);
  return clean;
}
