/**
 * The words by which providers say what went wrong. All patterns run over lower-case text of bounded length. Sources:
 * the vendors' error references and recorded answers; each line says whose words they are.
 */

/** The request is longer than the model's context. */
export const CONTEXT_CODES: readonly string[] = [
  "context_length_exceeded", // OpenAI, Groq, Cerebras, Together
  "context_window_exceeded",
  "model_context_window_exceeded", // Anthropic, GLM
  "request_too_large", // Anthropic
  "string_above_max_length", // OpenAI
  "content_length_exceeds_threshold", // Kiro
  "context_too_large",
  "1261", // GLM: prompt too long
];
export const CONTEXT_TEXTS: readonly RegExp[] = [
  /prompt is too long/, // Anthropic, Fireworks
  /prompt too long/, // Ollama
  /input is too long/, // Bedrock, Kiro
  /input length and `?max_tokens`? exceed/, // Anthropic
  /exceeds? the (?:model'?s )?(?:maximum )?context (?:window|length|size)/, // OpenAI
  /(?:maximum|max) context length/, // OpenAI, DeepSeek, OpenRouter, vLLM, Ollama
  /context (?:length|window|size) (?:is )?exceed/,
  /exceeds? (?:the )?(?:available|max(?:imum)?|model(?:'s)?) context/, // llama.cpp
  /context window exceeds limit/, // MiniMax
  /greater than the context length|loaded with context length of only/, // LM Studio
  /too long to fit into the model/, // vLLM with Mistral's tokenizer
  /maximum supported sequence length is/, // SambaNova
  /inputs`? must have less than [\d,]+ tokens/, // TGI
  /too many tokens: size limit exceeded/, // Cohere
  /(?:prompt|input|context)(?: tokens?| length)? exceeds? (?:the |its )?(?:max|configured|allowed|limit)/, // OpenAI, GLM and others
  /longer than the (?:model'?s|maximum) (?:context|model) length/, // SGLang, vLLM
  /input token count.{0,60}exceeds the maximum/, // Gemini
  /maximum prompt length is \d/, // xAI
  /prompt (?:token count|length) .{0,40}exceeds/, // Copilot
  /exceeded model token limit/, // Kimi
  /too large for model with \d+ maximum context/, // Mistral
  /reduce the length of the (?:messages|prompt|input)/, // Groq, OpenAI
  /`?inputs`? tokens \+ `?max_new_tokens`? must be/, // Together, TGI
  /total number of tokens in the prompt cannot exceed/, // Cohere
  /range of input length should be/, // DashScope
  /prompt_tokens.{0,40}must be less than max_seq_len/, // SiliconFlow
  /input (?:is |has )?too many tokens/,
  /context_length_exceeded/,
];
/** Longer than the account's plan allows, whatever the status. Claude (429). */
export const LONG_CONTEXT_EXTRA = /extra usage is required for long context/;
/** One request alone is more than a whole minute's allowance: waiting would not help. OpenAI, Groq (413). */
export const REQUEST_TOO_LARGE = /request too large for .{0,200}limit:? ([\d,]+).{0,20}requested:? ([\d,]+)/;

/** The account has no money or no quota left. */
export const QUOTA_CODES: readonly string[] = [
  "insufficient_quota", // OpenAI, DashScope
  "insufficient_balance",
  "insufficient_credits",
  "insufficient_funds",
  "billing_hard_limit_reached", // OpenAI
  "billing_not_active", // OpenAI
  "billing_error", // Anthropic
  "usage_limit_reached", // Codex
  "usage_limit_exceeded",
  "usage_not_included", // Codex
  "quota_exceeded", // Copilot
  "quota_exhausted",
  "exceeded_current_quota_error", // Kimi
  "payment_required",
  "monthly_request_count", // Kiro
  "1113", // GLM: in arrears
  "1304", // GLM: daily limit
  "1308", // GLM: usage limit with reset
  "1309", // GLM: plan expired
  "1310", // GLM: weekly or monthly limit
  "30001", // SiliconFlow: balance
  "1008", // MiniMax: balance
  "2056", // MiniMax: plan's window
];
export const QUOTA_TEXTS: readonly RegExp[] = [
  /exceeded your current quota/, // OpenAI, Gemini (see `classify`: per minute there)
  /credit balance is too low/, // Anthropic (status 400)
  /insufficient (?:account )?(?:balance|credits?|funds|quota)/, // DeepSeek, OpenRouter, SiliconFlow
  /balance is (?:insufficient|too low|not enough)/, // SiliconFlow
  /(?:used|exhausted) all (?:available |of )?(?:your )?credits/, // xAI
  /(?:reached|exceeded) (?:its|your) monthly (?:spending|usage) limit/, // xAI, Fireworks
  /doesn'?t have any credits/, // xAI
  /out of credits|no credits (?:left|remaining)|credits? (?:have |has )?(?:expired|run out|exhausted)/, // NVIDIA and others
  /requires more credits/, // OpenRouter
  /limited to \d+ api calls ?\/ ?month/, // Cohere trial keys
  /suspended.{0,60}(?:billing|spending|balance|unpaid|overdue)/, // Fireworks, Kimi
  /(?:hit|reached|exceeded) your (?:usage|weekly|monthly|5-hour|session|plan) (?:limit|quota)/, // Codex, Claude
  /(?:weekly|monthly|5-hour|session) (?:usage )?(?:limit|quota) (?:has been )?(?:reached|exceeded)/, // Claude and others
  /\bkey limit exceeded/, // OpenRouter (403)
  /usage limit (?:has been )?(?:reached|exceeded)/, // Codex, GLM, Claude
  /premium request allowance/, // Copilot
  /allocated quota exceeded|free (?:tier|quota) (?:has been |is )?(?:exhausted|used up)/, // DashScope
];
/** A quota of one model for a day or longer, not of the account. */
export const MODEL_QUOTA_TEXTS: readonly RegExp[] = [
  /exhausted your capacity on this model/, // Gemini CLI, Antigravity
  /your quota will reset after/, // Antigravity
  /free tier of the model has been exhausted/, // DashScope (403)
  /requests per day|tokens per day|\((?:rpd|tpd)\)/, // Groq, OpenAI
  /free-models-per-day|per-day/, // OpenRouter
  /daily (?:request |usage |token )?(?:limit|quota)/,
];

/** Too many requests for the moment. */
export const RATE_CODES: readonly string[] = [
  "rate_limit_exceeded", // OpenAI, Groq
  "rate_limit_error", // Anthropic
  "rate_limited", // Mistral
  "ratelimitreached", // Azure
  "rate_limit",
  "too_many_requests", // Cerebras
  "resource_exhausted", // Google, Cursor
  "throttlingexception", // AWS
  "throttling",
  "requests_limit_exceeded",
  "concurrency_limit_exceeded",
  "1302", // GLM: concurrency
  "1303", // GLM: frequency
  "1305", // GLM
  "1312", // GLM: much traffic
  "1002", // MiniMax
  "1039", // MiniMax: tokens per minute
  "429",
];
export const RATE_TEXTS: readonly RegExp[] = [
  /rate[ -]limit(?:ed| reached| exceeded)?\b.{0,80}(?:reached|exceeded|try again|retry|upstream|wait|slow)/,
  /rate[ -]limit(?:ed)? (?:reached|exceeded)/,
  /exceeded (?:the |your |call )?rate[ -]?limit/,
  /too many (?:concurrent )?requests/,
  /requests? per minute.{0,60}(?:exceed|reach)/,
  /throttl(?:ed|ing)/,
];

/** The provider itself is out of breath. */
export const OVERLOAD_CODES: readonly string[] = [
  "overloaded_error", // Anthropic
  "engine_overloaded_error", // Kimi
  "overloaded",
  "server_overloaded",
  "service_unavailable",
  "unavailable", // Google
  "server_error",
  "internal_server_error",
  "internal_error",
  "internal", // Google
  "api_error", // Anthropic
  "bad_gateway",
  "529",
];
/** Words for it that outweigh a 429 status: no account's limit was hit. */
export const OVERLOAD_DESPITE_429: readonly string[] = [
  "overloaded_error",
  "engine_overloaded_error",
  "server_overloaded",
];
export const OVERLOAD_TEXTS: readonly RegExp[] = [/\boverloaded\b/, /temporarily unavailable/, /high demand/];

/** The key or token is not accepted. */
export const CREDENTIAL_CODES: readonly string[] = [
  "invalid_api_key", // OpenAI, Groq
  "authentication_error", // Anthropic
  "invalid_authentication_error", // Kimi
  "unauthenticated", // Google
  "api_key_invalid", // Google (status 400)
  "unauthorized",
  "token_expired",
  "invalid_token",
  "accessdeniedexception", // AWS
  "wrong_api_key", // Cerebras
  "1000", // GLM: 1000–1004
  "1001",
  "1003",
  "1004", // GLM, MiniMax
];
export const CREDENTIAL_TEXTS: readonly RegExp[] = [
  /(?:incorrect|invalid|expired|missing|wrong|revoked) (?:api[ -]?key|x-api-key|access token|token|authentication)/, // OpenAI, xAI (400), Anthropic, Mistral
  /api[ -]?key (?:not (?:valid|found)|expired|is invalid|invalid|has been (?:revoked|disabled))/, // Gemini (400)
  /(?:missing|no) authentication|authentication (?:failed|required)|no auth credentials/, // OpenRouter
  /organi[sz]ation has been disabled/, // Anthropic (400)
  /unauthorized/,
];

/** The model is not there, or not for this account. */
export const MODEL_CODES: readonly string[] = [
  "model_not_found", // OpenAI, Groq, Cerebras
  "model_not_supported", // Copilot
  "invalid_model", // Mistral
  "model_not_available",
  "model_not_exist",
  "model_decommissioned", // Groq
  "deploymentnotfound", // Azure
  "1211", // GLM
  "1311", // GLM: not in the plan
];
export const MODEL_TEXTS: readonly RegExp[] = [
  /\bmodel\b.{0,120}(?:not found|does not exist|doesn'?t exist|not exist|is not available|not available|no longer available|has been (?:deprecated|decommissioned|retired|removed)|is deprecated|is decommissioned|not enabled|cannot be found|is not a valid)/, // OpenAI, Groq, Ollama, DeepSeek
  /(?:no such|unknown|invalid|unsupported) model\b/, // Mistral, Together
  /not a valid model|model id is invalid/, // OpenRouter (400)
  /(?:do|does) not have (?:access|permission) to.{0,40}\bmodel/, // OpenAI, NVIDIA
  /(?:access|permission).{0,40}\bmodel\b.{0,40}(?:denied|required)/,
  /requested model is not supported/, // Copilot (400)
  /models\/\S+ is not found/, // Gemini
  /not allowed to (?:sample from|use) (?:this )?model/, // OpenAI
  /no endpoints found (?:for|matching)/, // OpenRouter
  /\bmodel(?: [`'"]?[\w./:@-]+[`'"]?)? (?:is|was|has been) (?:no longer supported|withdrawn|sunset|discontinued|retired)/,
  /must be verified to use the model/, // OpenAI
  /country, region,? or territory not supported|user location is not supported/, // OpenAI (403), Gemini (400): nothing here is for this account from here
  /^(?:model: )?claude-[\w.-]+$|\bmodel: [\w./:-]+$/, // Anthropic 404: "model: claude-x"
];

/** The model or service lacks an ability or a parameter. */
export const UNSUPPORTED_CODES: readonly string[] = [
  "unsupported_parameter", // OpenAI
  "unsupported_value", // OpenAI
  "unknown_parameter", // OpenAI
  "unsupported_model_feature",
  "not_supported",
  "1212", // GLM: call method
];
export const UNSUPPORTED_TEXTS: readonly RegExp[] = [
  /(?:unsupported|unknown|unrecognized|unexpected) (?:parameter|value|argument|field|request argument|keyword)/, // OpenAI, xAI
  /\bnot supported (?:with|by|for|on|in|when)\b/, // OpenAI, Mistral, Cerebras
  /(?:does not|doesn'?t|do not) support/, // Anthropic, Ollama, Groq
  /is not supported/, // Groq, Together
  /extra inputs are not permitted/, // Anthropic, Mistral (pydantic)
  /unknown name ["\\]/, // Gemini: Unknown name "x": Cannot find field
  /no endpoints found that (?:support|can handle)/, // OpenRouter
  /not accessible via the \/\S+ endpoint/, // Copilot
  /unknown field|unrecognized (?:key|property)/,
];

/** A refusal over content, which other accounts would repeat. */
export const CONTENT_TEXTS: readonly RegExp[] = [
  /\bmoderation\b|content (?:policy|filter)|was flagged|unsafe or sensitive|responsible ai/,
];
