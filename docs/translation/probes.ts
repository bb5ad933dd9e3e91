import { all, beside, type Body, config, set, turns, type Wires } from "./wires.ts";

/** One thing that a client may ask for, in the words of each format that has words for it. */
export type Probe = {
  name: string;
  say: Wires;
  /** What must be there already, so that only the thing itself makes a difference. */
  needs?: Wires;
};
export type Group = { title: string; probes: readonly Probe[] };

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = "JVBERi0xLjQK";
const WAV = "UklGRiQAAABXQVZF";
const dataUrl = (type: string, data: string) => `data:${type};base64,${data}`;

const LONG_NAME = `workspace_server__${"nested_".repeat(6)}read_file`;
const PARAMETERS = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const ANSWER = {
  type: "object",
  properties: { yes: { type: "boolean" } },
  required: ["yes"],
  additionalProperties: false,
};

const tool = (name = "read", fields: object = {}): Wires => ({
  "openai-chat": set({
    tools: [{ type: "function", function: { name, parameters: PARAMETERS, ...fields } }],
  }),
  "openai-responses": set({
    tools: [{ type: "function", name, parameters: PARAMETERS, strict: false, ...fields }],
  }),
  anthropic: set({ tools: [{ name, input_schema: PARAMETERS, ...fields }] }),
  gemini: set({ tools: [{ functionDeclarations: [{ name, parametersJsonSchema: PARAMETERS, ...fields }] }] }),
});

/** A call of that tool and what came of it. */
const call = turns({
  "openai-chat": [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "read", arguments: '{"path":"a"}' } }],
    },
  ],
  "openai-responses": [{ type: "function_call", call_id: "call_1", name: "read", arguments: '{"path":"a"}' }],
  anthropic: [
    { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "read", input: { path: "a" } }] },
  ],
  gemini: [{ role: "model", parts: [{ functionCall: { id: "call_1", name: "read", args: { path: "a" } } }] }],
});
type InEachFormat = { chat: unknown; responses: unknown; anthropic: object; gemini: object };

const resultOf = (output: InEachFormat): Wires =>
  turns({
    "openai-chat": [{ role: "tool", tool_call_id: "call_1", content: output.chat }],
    "openai-responses": [{ type: "function_call_output", call_id: "call_1", output: output.responses }],
    anthropic: [
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", ...output.anthropic }] },
    ],
    gemini: [
      { role: "user", parts: [{ functionResponse: { id: "call_1", name: "read", ...output.gemini } }] },
    ],
  });
const result = resultOf({
  chat: "done",
  responses: "done",
  anthropic: { content: "done" },
  gemini: { response: { output: "done" } },
});
const goOn = turns({
  "openai-chat": [{ role: "user", content: "Go on." }],
  "openai-responses": [{ type: "message", role: "user", content: "Go on." }],
  anthropic: [{ role: "user", content: "Go on." }],
  gemini: [{ role: "user", parts: [{ text: "Go on." }] }],
});
const answered = turns({
  "openai-chat": [{ role: "assistant", content: "Hello!" }],
  "openai-responses": [{ type: "message", role: "assistant", content: "Hello!" }],
  anthropic: [{ role: "assistant", content: "Hello!" }],
  gemini: [{ role: "model", parts: [{ text: "Hello!" }] }],
});

const choice = (words: InEachFormat): Wires => ({
  "openai-chat": set({ tool_choice: words.chat }),
  "openai-responses": set({ tool_choice: words.responses }),
  anthropic: set({ tool_choice: words.anthropic }),
  gemini: set({ toolConfig: { functionCallingConfig: words.gemini } }),
});

const shape = (chat: Body, gemini: Body): Wires => ({
  "openai-chat": set({ response_format: chat }),
  "openai-responses": set({ text: { format: flat(chat) } }),
  gemini: config(gemini),
});
/** The Responses format spells a schema without the inner object. */
const flat = ({ json_schema: schema, ...rest }: Body): Body => ({ ...rest, ...(schema as Body | undefined) });

const CONVERSATION: Group = {
  title: "Conversation",
  probes: [
    {
      name: "system text",
      say: {
        "openai-chat": (body) => ({
          ...body,
          messages: [{ role: "system", content: "Be brief." }, ...(body["messages"] as object[])],
        }),
        "openai-responses": set({ instructions: "Be brief." }),
        anthropic: set({ system: "Be brief." }),
        gemini: set({ systemInstruction: { parts: [{ text: "Be brief." }] } }),
      },
    },
    {
      name: "developer text",
      say: {
        "openai-chat": (body) => ({
          ...body,
          messages: [{ role: "developer", content: "Be brief." }, ...(body["messages"] as object[])],
        }),
        "openai-responses": (body) => ({
          ...body,
          input: [
            { type: "message", role: "developer", content: "Be brief." },
            ...(body["input"] as object[]),
          ],
        }),
      },
    },
    {
      name: "system text in the middle",
      needs: all(answered, goOn),
      say: turns({
        "openai-chat": [{ role: "system", content: "Now in French." }],
        "openai-responses": [{ type: "message", role: "system", content: "Now in French." }],
        anthropic: [{ role: "system", content: "Now in French." }],
      }),
    },
    { name: "an earlier answer", say: all(answered, goOn) },
    { name: "an answer to be continued", say: answered },
    {
      name: "name of the speaker",
      say: { "openai-chat": set({ messages: [{ role: "user", name: "ada", content: "Hello" }] }) },
    },
    {
      name: "cache mark",
      say: {
        "openai-chat": set({
          messages: [
            {
              role: "user",
              content: [{ type: "text", text: "Hello", cache_control: { type: "ephemeral" } }],
            },
          ],
        }),
        anthropic: set({
          messages: [
            {
              role: "user",
              content: [{ type: "text", text: "Hello", cache_control: { type: "ephemeral" } }],
            },
          ],
        }),
      },
    },
  ],
};

const MEDIA: Group = {
  title: "Pictures, files, sound",
  probes: [
    {
      name: "picture",
      say: beside({
        "openai-chat": { type: "image_url", image_url: { url: dataUrl("image/png", PNG) } },
        "openai-responses": { type: "input_image", image_url: dataUrl("image/png", PNG) },
        anthropic: { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
        gemini: { inlineData: { mimeType: "image/png", data: PNG } },
      }),
    },
    {
      name: "picture by address",
      say: beside({
        "openai-chat": { type: "image_url", image_url: { url: "https://example.com/a.png" } },
        "openai-responses": { type: "input_image", image_url: "https://example.com/a.png" },
        anthropic: { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        gemini: { fileData: { mimeType: "image/png", fileUri: "https://example.com/a.png" } },
      }),
    },
    {
      name: "picture of an unusual type",
      say: beside({
        "openai-chat": { type: "image_url", image_url: { url: dataUrl("image/heic", PNG) } },
        "openai-responses": { type: "input_image", image_url: dataUrl("image/heic", PNG) },
        gemini: { inlineData: { mimeType: "image/heic", data: PNG } },
      }),
    },
    {
      name: "detail of a picture",
      needs: beside({
        "openai-chat": { type: "image_url", image_url: { url: dataUrl("image/png", PNG) } },
        "openai-responses": { type: "input_image", image_url: dataUrl("image/png", PNG) },
      }),
      say: beside({
        "openai-chat": { type: "image_url", image_url: { url: dataUrl("image/png", PNG), detail: "low" } },
        "openai-responses": { type: "input_image", image_url: dataUrl("image/png", PNG), detail: "low" },
      }),
    },
    {
      name: "PDF",
      say: beside({
        "openai-chat": {
          type: "file",
          file: { filename: "a.pdf", file_data: dataUrl("application/pdf", PDF) },
        },
        "openai-responses": {
          type: "input_file",
          filename: "a.pdf",
          file_data: dataUrl("application/pdf", PDF),
        },
        anthropic: {
          type: "document",
          title: "a.pdf",
          source: { type: "base64", media_type: "application/pdf", data: PDF },
        },
        gemini: { inlineData: { mimeType: "application/pdf", data: PDF } },
      }),
    },
    {
      name: "PDF by address",
      say: beside({
        "openai-responses": { type: "input_file", file_url: "https://example.com/a.pdf" },
        anthropic: { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
        gemini: { fileData: { mimeType: "application/pdf", fileUri: "https://example.com/a.pdf" } },
      }),
    },
    {
      name: "text document",
      say: beside({
        "openai-responses": {
          type: "input_file",
          filename: "a.txt",
          file_data: dataUrl("text/plain", Buffer.from("Words.").toString("base64")),
        },
        anthropic: {
          type: "document",
          source: { type: "text", media_type: "text/plain", data: "Words." },
        },
        gemini: { inlineData: { mimeType: "text/plain", data: Buffer.from("Words.").toString("base64") } },
      }),
    },
    {
      name: "file kept at the vendor",
      say: beside({
        "openai-chat": { type: "file", file: { file_id: "file-abc" } },
        "openai-responses": { type: "input_file", file_id: "file-abc" },
        anthropic: { type: "document", source: { type: "file", file_id: "file_abc" } },
        gemini: { fileData: { mimeType: "application/pdf", fileUri: "gs://bucket/a.pdf" } },
      }),
    },
    {
      name: "sound",
      say: beside({
        "openai-chat": { type: "input_audio", input_audio: { data: WAV, format: "wav" } },
        gemini: { inlineData: { mimeType: "audio/wav", data: WAV } },
      }),
    },
    {
      name: "video",
      say: beside({
        "openai-chat": { type: "video_url", video_url: { url: "https://example.com/a.mp4" } },
        gemini: { fileData: { mimeType: "video/mp4", fileUri: "https://example.com/a.mp4" } },
      }),
    },
    {
      name: "picture in a tool's result",
      needs: all(tool(), call),
      say: resultOf({
        chat: [{ type: "image_url", image_url: { url: dataUrl("image/png", PNG) } }],
        responses: [{ type: "input_image", image_url: dataUrl("image/png", PNG) }],
        anthropic: {
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }],
        },
        gemini: { response: {}, parts: [{ inlineData: { mimeType: "image/png", data: PNG } }] },
      }),
    },
  ],
};

const TOOLS: Group = {
  title: "Tools",
  probes: [
    { name: "function", say: tool() },
    {
      name: "function held to its schema (strict)",
      needs: tool(),
      say: {
        "openai-chat": tool("read", { strict: true })["openai-chat"],
        "openai-responses": tool("read", { strict: true })["openai-responses"],
        anthropic: tool("read", { strict: true }).anthropic,
      },
    },
    {
      name: "function with a name of more than 64 characters",
      say: { anthropic: tool(LONG_NAME).anthropic },
    },
    {
      name: "tool that takes free text",
      say: {
        "openai-chat": set({ tools: [{ type: "custom", custom: { name: "patch" } }] }),
        "openai-responses": set({ tools: [{ type: "custom", name: "patch" }] }),
      },
    },
    {
      name: "free text bound to a grammar",
      say: {
        "openai-chat": set({
          tools: [
            {
              type: "custom",
              custom: {
                name: "patch",
                format: { type: "grammar", grammar: { syntax: "lark", definition: "start: A" } },
              },
            },
          ],
        }),
        "openai-responses": set({
          tools: [
            {
              type: "custom",
              name: "patch",
              format: { type: "grammar", syntax: "lark", definition: "start: A" },
            },
          ],
        }),
      },
    },
    {
      name: "tools in a namespace",
      say: {
        "openai-responses": set({
          tools: [
            {
              type: "namespace",
              name: "mcp",
              description: "",
              tools: [{ type: "function", name: "read", parameters: PARAMETERS, strict: false }],
            },
          ],
        }),
      },
    },
    {
      name: "shell or editor that the client runs",
      say: {
        "openai-responses": set({ tools: [{ type: "local_shell" }] }),
        anthropic: set({ tools: [{ type: "bash_20250124", name: "bash" }] }),
      },
    },
    {
      name: "web search at the provider",
      say: {
        "openai-chat": set({ tools: [{ type: "web_search" }] }),
        "openai-responses": set({ tools: [{ type: "web_search" }] }),
        anthropic: set({ tools: [{ type: "web_search_20250305", name: "web_search" }] }),
        gemini: set({ tools: [{ googleSearch: {} }] }),
      },
    },
    {
      name: "web search beside a function",
      needs: tool(),
      say: {
        "openai-responses": (body) => ({
          ...body,
          tools: [...(body["tools"] as object[]), { type: "web_search" }],
        }),
        anthropic: (body) => ({
          ...body,
          tools: [...(body["tools"] as object[]), { type: "web_search_20250305", name: "web_search" }],
        }),
      },
    },
    {
      name: "programs run at the provider",
      say: {
        "openai-responses": set({ tools: [{ type: "code_interpreter", container: { type: "auto" } }] }),
        anthropic: set({ tools: [{ type: "code_execution_20250825", name: "code_execution" }] }),
        gemini: set({ tools: [{ codeExecution: {} }] }),
      },
    },
    {
      name: "search in the vendor's file store",
      say: {
        "openai-responses": set({ tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }] }),
        gemini: set({ tools: [{ fileSearch: { fileSearchStoreNames: ["a"] } }] }),
      },
    },
    {
      name: "the same, and it must be called",
      say: {
        "openai-responses": set({
          tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }],
          tool_choice: { type: "file_search" },
        }),
      },
    },
    {
      name: "choice: no tool",
      needs: tool(),
      say: choice({ chat: "none", responses: "none", anthropic: { type: "none" }, gemini: { mode: "NONE" } }),
    },
    {
      name: "choice: some tool must be called",
      needs: tool(),
      say: choice({
        chat: "required",
        responses: "required",
        anthropic: { type: "any" },
        gemini: { mode: "ANY" },
      }),
    },
    {
      name: "choice: this tool must be called",
      needs: tool(),
      say: choice({
        chat: { type: "function", function: { name: "read" } },
        responses: { type: "function", name: "read" },
        anthropic: { type: "tool", name: "read" },
        gemini: { mode: "ANY", allowedFunctionNames: ["read"] },
      }),
    },
    {
      name: "choice: only some of the tools",
      needs: tool(),
      say: {
        "openai-chat": set({
          tool_choice: {
            type: "allowed_tools",
            allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "read" } }] },
          },
        }),
        "openai-responses": set({
          tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "read" }] },
        }),
        gemini: set({
          toolConfig: { functionCallingConfig: { mode: "VALIDATED", allowedFunctionNames: ["read"] } },
        }),
      },
    },
    {
      name: "one call at a time",
      needs: tool(),
      say: {
        "openai-chat": set({ parallel_tool_calls: false }),
        "openai-responses": set({ parallel_tool_calls: false }),
        anthropic: set({ tool_choice: { type: "auto", disable_parallel_tool_use: true } }),
      },
    },
    { name: "a call and its result", needs: tool(), say: all(call, result) },
    {
      name: "a result that is a failure",
      needs: all(tool(), call),
      say: {
        anthropic: resultOf({
          chat: "",
          responses: "",
          anthropic: { content: "no such file", is_error: true },
          gemini: {},
        }).anthropic,
        gemini: resultOf({
          chat: "",
          responses: "",
          anthropic: {},
          gemini: { response: { error: "no such file" } },
        }).gemini,
      },
    },
    { name: "a call that was interrupted", needs: tool(), say: all(call, goOn) },
  ],
};

const REASONING: Group = {
  title: "Reasoning",
  probes: [
    ...(["none", "low", "high"] as const).map((effort) => ({
      name: `effort: ${effort}`,
      say: {
        "openai-chat": set({ reasoning_effort: effort }),
        "openai-responses": set({ reasoning: { effort } }),
        anthropic:
          effort === "none"
            ? set({ thinking: { type: "disabled" } })
            : set({ thinking: { type: "adaptive" }, output_config: { effort } }),
        gemini:
          effort === "none"
            ? config({ thinkingConfig: { thinkingBudget: 0 } })
            : config({ thinkingConfig: { thinkingLevel: effort } }),
      },
    })),
    {
      name: "a budget of tokens",
      say: {
        anthropic: set({ thinking: { type: "enabled", budget_tokens: 2048 } }),
        gemini: config({ thinkingConfig: { thinkingBudget: 2048, includeThoughts: true } }),
      },
    },
    {
      name: "to be shown it",
      needs: {
        "openai-responses": set({ reasoning: { effort: "low" } }),
        anthropic: set({ thinking: { type: "adaptive" }, output_config: { effort: "low" } }),
        gemini: config({ thinkingConfig: { thinkingLevel: "low" } }),
      },
      say: {
        "openai-responses": set({ reasoning: { effort: "low", summary: "auto" } }),
        anthropic: set({
          thinking: { type: "adaptive", display: "summarized" },
          output_config: { effort: "low" },
        }),
        gemini: config({ thinkingConfig: { thinkingLevel: "low", includeThoughts: true } }),
      },
    },
    {
      name: "thoughts of an earlier answer, unsigned",
      needs: goOn,
      say: turns({
        "openai-chat": [{ role: "assistant", content: "Hello!", reasoning_content: "A greeting." }],
        anthropic: [
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "A greeting.", signature: "" },
              { type: "text", text: "Hello!" },
            ],
          },
        ],
        gemini: [{ role: "model", parts: [{ text: "A greeting.", thought: true }, { text: "Hello!" }] }],
      }),
    },
    {
      name: "thoughts of an earlier answer, signed by this format's vendor",
      needs: goOn,
      say: turns({
        "openai-responses": [
          {
            type: "reasoning",
            summary: [{ type: "summary_text", text: "A greeting." }],
            encrypted_content: "c2VhbGVk",
          },
          { type: "message", role: "assistant", content: "Hello!" },
        ],
        anthropic: [
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "A greeting.", signature: "c2lnbmVk" },
              { type: "text", text: "Hello!" },
            ],
          },
        ],
        gemini: [
          {
            role: "model",
            parts: [
              { text: "A greeting.", thought: true },
              { text: "Hello!", thoughtSignature: "c2lnbmVk" },
            ],
          },
        ],
      }),
    },
  ],
};

const OUTPUT: Group = {
  title: "Shape of the answer",
  probes: [
    { name: "any JSON", say: shape({ type: "json_object" }, { responseMimeType: "application/json" }) },
    {
      name: "JSON by a schema",
      say: {
        ...shape(
          { type: "json_schema", json_schema: { name: "answer", schema: ANSWER } },
          { responseMimeType: "application/json", responseJsonSchema: ANSWER },
        ),
        anthropic: set({ output_config: { format: { type: "json_schema", schema: ANSWER } } }),
      },
    },
    {
      name: "JSON held to a schema (strict)",
      say: {
        "openai-chat": shape(
          { type: "json_schema", json_schema: { name: "answer", schema: ANSWER, strict: true } },
          {},
        )["openai-chat"],
        "openai-responses": shape(
          { type: "json_schema", json_schema: { name: "answer", schema: ANSWER, strict: true } },
          {},
        )["openai-responses"],
      },
    },
    {
      name: "verbosity",
      say: {
        "openai-chat": set({ verbosity: "low" }),
        "openai-responses": set({ text: { verbosity: "low" } }),
      },
    },
  ],
};

const SAMPLING: Group = {
  title: "Length and sampling",
  probes: [
    {
      name: "longest answer",
      say: {
        "openai-chat": set({ max_completion_tokens: 2000 }),
        "openai-responses": set({ max_output_tokens: 2000 }),
        anthropic: set({ max_tokens: 2000 }),
        gemini: config({ maxOutputTokens: 2000 }),
      },
    },
    {
      name: "temperature",
      say: {
        "openai-chat": set({ temperature: 0.5 }),
        "openai-responses": set({ temperature: 0.5 }),
        anthropic: set({ temperature: 0.5 }),
        gemini: config({ temperature: 0.5 }),
      },
    },
    {
      name: "top_p",
      say: {
        "openai-chat": set({ top_p: 0.9 }),
        "openai-responses": set({ top_p: 0.9 }),
        anthropic: set({ top_p: 0.9 }),
        gemini: config({ topP: 0.9 }),
      },
    },
    {
      name: "top_k",
      say: { "openai-chat": set({ top_k: 20 }), anthropic: set({ top_k: 20 }), gemini: config({ topK: 20 }) },
    },
    {
      name: "frequency penalty",
      say: { "openai-chat": set({ frequency_penalty: 0.5 }), gemini: config({ frequencyPenalty: 0.5 }) },
    },
    {
      name: "presence penalty",
      say: { "openai-chat": set({ presence_penalty: 0.5 }), gemini: config({ presencePenalty: 0.5 }) },
    },
    { name: "seed", say: { "openai-chat": set({ seed: 7 }), gemini: config({ seed: 7 }) } },
    {
      name: "stop sequences",
      say: {
        "openai-chat": set({ stop: ["END"] }),
        anthropic: set({ stop_sequences: ["END"] }),
        gemini: config({ stopSequences: ["END"] }),
      },
    },
    {
      name: "six stop sequences",
      say: {
        anthropic: set({ stop_sequences: ["1", "2", "3", "4", "5", "6"] }),
        gemini: config({ stopSequences: ["1", "2", "3", "4", "5", "6"] }),
      },
    },
    { name: "several answers", say: { "openai-chat": set({ n: 2 }), gemini: config({ candidateCount: 2 }) } },
    {
      name: "log probabilities",
      say: {
        "openai-chat": set({ logprobs: true, top_logprobs: 2 }),
        "openai-responses": set({ top_logprobs: 2, include: ["message.output_text.logprobs"] }),
        gemini: config({ responseLogprobs: true, logprobs: 2 }),
      },
    },
    { name: "bias of single tokens", say: { "openai-chat": set({ logit_bias: { "50256": -100 } }) } },
  ],
};

const SERVICE: Group = {
  title: "Service and bookkeeping",
  probes: [
    {
      name: "service tier: auto",
      say: {
        "openai-chat": set({ service_tier: "auto" }),
        "openai-responses": set({ service_tier: "auto" }),
        anthropic: set({ service_tier: "auto" }),
      },
    },
    {
      name: "service tier of this vendor's own",
      say: {
        "openai-chat": set({ service_tier: "flex" }),
        "openai-responses": set({ service_tier: "flex" }),
        anthropic: set({ service_tier: "standard_only" }),
      },
    },
    {
      name: "end user",
      say: {
        "openai-chat": set({ user: "user_1" }),
        "openai-responses": set({ user: "user_1" }),
        anthropic: set({ metadata: { user_id: "user_1" } }),
      },
    },
    {
      name: "metadata",
      say: {
        "openai-chat": set({ metadata: { run: "1" } }),
        "openai-responses": set({ metadata: { run: "1" } }),
      },
    },
    {
      name: "key for the prompt cache",
      say: {
        "openai-chat": set({ prompt_cache_key: "k" }),
        "openai-responses": set({ prompt_cache_key: "k" }),
      },
    },
    {
      name: "an earlier answer by its id",
      say: { "openai-responses": set({ previous_response_id: "resp_1" }) },
    },
    {
      name: "answers to be stored",
      say: { "openai-chat": set({ store: true }), "openai-responses": set({ store: true }) },
    },
    {
      name: "safety settings",
      say: {
        gemini: set({
          safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
        }),
      },
    },
    {
      name: "a field nobody knows",
      say: {
        "openai-chat": set({ invented_tomorrow: 1 }),
        "openai-responses": set({ invented_tomorrow: 1 }),
        anthropic: set({ invented_tomorrow: 1 }),
        gemini: set({ inventedTomorrow: 1 }),
      },
    },
  ],
};

/** Everything that is asked of every pair of formats. */
export const PROBES: readonly Group[] = [CONVERSATION, MEDIA, TOOLS, REASONING, OUTPUT, SAMPLING, SERVICE];
