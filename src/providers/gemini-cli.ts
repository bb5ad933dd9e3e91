import { defineProvider } from "../core/provider.ts";
import { sharing } from "./sharing.ts";
import { unknownId } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://ai.google.dev/gemini-api/docs/deprecations";

/** Google's Code Assist, by sign-in with the operator's own Google client. https://github.com/google-gemini/gemini-cli */
export const geminiCli = defineProvider({
  id: "gemini-cli",
  prefixes: ["gc"],
  name: "Gemini CLI (Code Assist)",
  tier: "subscription",
  status: {
    state: "restricted",
    since: "2026-06-18",
    note: "Google stopped serving free, Pro and Ultra accounts; Standard and Enterprise licences remain. Its documents call use by other programs a violation of its terms.",
    source: "https://github.com/google-gemini/gemini-cli/blob/main/docs/resources/tos-privacy.md",
    replacement: "gemini/gemini-2.5-pro",
  },
  auth: { type: "sign-in" },
  baseUrl: "https://cloudcode-pa.googleapis.com",
  chat: [{ format: "gemini", path: "/v1internal:{verb}", quirks: { envelope: "code-assist" } }],
  renames: { "gemini-3-flash": "gemini-3-flash-preview" },
  mainModel: "gemini-3.8-flash",
  models: [
    ...sharing({ reasoning: true, vision: true, tools: true }, [
      { id: "gemini-3-flash-preview", context: 1_048_576, maxOutput: 65_536, price: [0.5, 3, 0.05] },
      { id: "gemini-2.5-pro", context: 1_048_576, maxOutput: 65_536, price: [1.25, 10, 0.125] },
      { id: "gemini-2.5-flash", context: 1_048_576, maxOutput: 65_536, price: [0.3, 2.5, 0.03] },
      { id: "gemini-2.5-flash-lite", context: 1_048_576, maxOutput: 65_536, price: [0.1, 0.4, 0.01] },
      { id: "gemini-3.1-pro-preview", context: 1_048_576, maxOutput: 65_536, price: [2, 12, 0.2] },
      { id: "gemini-3.8-flash", context: 1_048_576, maxOutput: 65_536, price: [0.75, 3.75, 0.075] },
    ]),
    { id: "gemini-3-pro-preview", status: unknownId(LISTED, "gemini-3.1-pro-preview") },
  ],
});
