import { isObject, type JsonObject } from "../../../src/lib/json.ts";
import type { Asked, Offered } from "../agent.ts";
import { VENDOR, write } from "./anthropic-answer.ts";
import { checkProof, distinct, fields, list, must, object, objectSchema, only, text } from "./check.ts";
import type { Circumstances, Wire } from "./wire.ts";

const TOP = fields(
  `model messages max_tokens system metadata stop_sequences stream temperature top_k top_p thinking tools tool_choice
   output_config service_tier cache_control`,
);
/** Fields that a beta switches on. */
const BETA_FIELDS: { [field: string]: string } = { context_management: "context-management-2025-06-27" };
const HOSTED = /^(?:web_search|web_fetch|code_execution|bash|text_editor|memory|computer|tool_search_tool)_/;
const BLOCKS: { [role: string]: ReadonlySet<string> } = {
  user: fields("text image document tool_result search_result"),
  assistant: fields("text thinking redacted_thinking tool_use server_tool_use web_search_tool_result"),
  system: fields("text"),
};
const MID_SYSTEM = /mid-conversation/;
const MOST_MARKS = 4;

/** Anthropic itself: thoughts are signed, calls and results lie side by side, unknown fields are refused. */
export const anthropic: Wire = {
  handles: (path) => path.split("?")[0] === "/v1/messages",
  read,
  write,
  error: (message, status) => ({
    type: "error",
    error: { type: status === 429 ? "rate_limit_error" : "invalid_request_error", message },
  }),
};

function read(body: JsonObject, { headers }: Circumstances): Asked {
  const betas = headers["anthropic-beta"] ?? "";
  for (const field of Object.keys(body)) {
    const beta = BETA_FIELDS[field];
    must(TOP.has(field) || (beta && betas.includes(beta)), `${field}: Extra inputs are not permitted`);
  }
  must(
    /^20\d\d-\d\d-\d\d$/.test(headers["anthropic-version"] ?? ""),
    "anthropic-version: header is required",
  );
  must(typeof body["max_tokens"] === "number", "max_tokens: Field required");
  checkThinking(body, betas);
  const marks = JSON.stringify(body).split('"cache_control":{').length - 1;
  must(marks <= MOST_MARKS, `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
  const tools = readTools(body["tools"] ?? []);
  must(
    tools.length > 0 || body["tool_choice"] === undefined || body["tools"] !== undefined,
    "tool_choice: needs tools",
  );
  const choice = isObject(body["tool_choice"]) ? body["tool_choice"]["type"] : undefined;
  const asked: Asked = { tools, said: "", results: [], mayNotCall: choice === "none" };
  if (body["system"] !== undefined) asked.said += `${readSystem(body["system"])}\n`;
  readMessages(body, betas, asked);
  const config = body["output_config"];
  if (isObject(config) && isObject(config["format"])) asked.schema = config["format"]["schema"] as JsonObject;
  return asked;
}

function checkThinking(body: JsonObject, betas: string): void {
  const { thinking } = body;
  if (thinking === undefined) return;
  const { type, budget_tokens: budget } = object(thinking, "thinking");
  must(
    ["enabled", "adaptive", "disabled", "between_tools"].includes(String(type)),
    `thinking.type: ${String(type)}`,
  );
  if (type === "disabled") return;
  must(
    [undefined, 1].includes(body["temperature"] as number),
    "`temperature` may only be set to 1 when thinking is enabled",
  );
  const choice = isObject(body["tool_choice"]) ? body["tool_choice"]["type"] : undefined;
  must(
    choice !== "any" && choice !== "tool",
    "Thinking may not be enabled when tool_choice forces tool use.",
  );
  if (type !== "enabled") return;
  must(
    typeof budget === "number" && budget >= 1024,
    "thinking.enabled.budget_tokens: Input should be at least 1024",
  );
  const fits = budget < (body["max_tokens"] as number) || betas.includes("interleaved-thinking");
  must(fits, "`max_tokens` must be greater than `thinking.budget_tokens`");
}

function readTools(value: unknown): Offered[] {
  const tools = list(value, "tools").flatMap((one, index): Offered[] => {
    const tool = object(one, `tools.${index}`);
    const name = text(tool["name"], `tools.${index}.name`);
    must(
      /^[a-zA-Z0-9_-]{1,128}$/.test(name),
      `tools.${index}.name: String should match the pattern (${name})`,
    );
    if (HOSTED.test(String(tool["type"]))) return [];
    const schema = object(tool["input_schema"], `tools.${index}.input_schema`);
    objectSchema(schema, `tools.${index}.input_schema`);
    for (const word of ["anyOf", "oneOf", "allOf"])
      must(!(word in schema), `tools.${index}.input_schema: ${word} is not supported at the top level`);
    return [{ name, description: String(tool["description"]), parameters: schema }];
  });
  distinct(tools.map(({ name }) => name));
  return tools;
}

function readSystem(system: unknown): string {
  if (typeof system === "string") return system;
  return list(system, "system")
    .map((one) => readText(object(one, "system"), "system"))
    .join("\n");
}

function readText(block: JsonObject, where: string): string {
  must(block["type"] === "text", `${where}: Input should be 'text'`);
  must(text(block["text"], where) !== "", `${where}: text content blocks must be non-empty`);
  return block["text"] as string;
}

function readMessages(body: JsonObject, betas: string, asked: Asked): void {
  const messages = list(body["messages"], "messages").map((one, index) => object(one, `messages.${index}`));
  must(messages.length > 0, "messages: at least one message is required");
  must(messages[0]?.["role"] === "user", "messages: first message must use the user role");
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const where = `messages.${index}`;
    only(message, fields("role content"), where);
    const role = text(message["role"], `${where}.role`);
    must(
      role in BLOCKS && (role !== "system" || MID_SYSTEM.test(betas)),
      `${where}.role: Unexpected role '${role}'`,
    );
    const blocks = blocksOf(message, where);
    if (open.length > 0) checkAnswered(open, blocks, where);
    const results = blocks
      .filter((block) => block["type"] === "tool_result")
      .map((block) => String(block["tool_use_id"]));
    for (const id of results)
      must(open.includes(id), `${where}: unexpected tool_use_id ${id}: no such call before it`);
    open = [];
    for (const [position, block] of blocks.entries()) {
      const at = `${where}.content.${position}`;
      must(
        BLOCKS[role]?.has(String(block["type"])),
        `${at}: a ${role} cannot say '${String(block["type"])}'`,
      );
      readBlock(block, at, String(body["model"]), asked);
      if (block["type"] === "tool_use") open.push(String(block["id"]));
    }
  }
  must(open.length === 0, `tool_use ids were found without tool_result blocks: ${open.join(", ")}`);
  checkLastThinking(body, messages);
}

function blocksOf(message: JsonObject, where: string): JsonObject[] {
  const { content } = message;
  if (typeof content === "string") return [{ type: "text", text: content }];
  const blocks = list(content, `${where}.content`).map((one) => object(one, `${where}.content`));
  must(blocks.length > 0, `${where}: all messages must have non-empty content`);
  return blocks;
}

function checkAnswered(open: readonly string[], blocks: readonly JsonObject[], where: string): void {
  const first = blocks.slice(0, open.length).map((block) => block["tool_use_id"]);
  must(
    open.every((id) => first.includes(id)),
    `${where}: tool_use ids were found without tool_result blocks immediately after: ${open.join(", ")}`,
  );
}

function readBlock(block: JsonObject, where: string, model: string, asked: Asked): void {
  switch (block["type"]) {
    case "text":
      asked.said += `${readText(block, where)}\n`;
      return;
    case "thinking": {
      const thinking = text(block["thinking"], `${where}.thinking`);
      const why = `${where}: Invalid \`signature\` in \`thinking\` block`;
      must(block["cache_control"] === undefined, `${where}: cache_control cannot be set for thinking`);
      const bound = thinking === "" ? undefined : thinking;
      return checkProof(text(block["signature"], `${where}.signature`), VENDOR, model, bound, why);
    }
    case "tool_use":
      must(
        /^[a-zA-Z0-9_-]+$/.test(text(block["id"], `${where}.id`)),
        `${where}.id: String should match the pattern`,
      );
      object(block["input"], `${where}.input`);
      return;
    case "tool_result":
      asked.results.push({ text: resultText(block["content"], where), failed: block["is_error"] === true });
      return;
    default:
      return;
  }
}

function resultText(content: unknown, where: string): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return list(content, `${where}.content`)
    .map((one) => object(one, where))
    .map((part) => (part["type"] === "text" ? readText(part, where) : ""))
    .join("\n");
}

/** With a budget, the turn whose results come now must begin with the thoughts that led to its calls. */
function checkLastThinking(body: JsonObject, messages: readonly JsonObject[]): void {
  if (!isObject(body["thinking"]) || body["thinking"]["type"] !== "enabled") return;
  const last = messages.findLast((message) => message["role"] === "assistant");
  const blocks = last ? blocksOf(last, "messages") : [];
  if (!blocks.some((block) => block["type"] === "tool_use")) return;
  const after = messages.slice(messages.indexOf(last as JsonObject) + 1);
  if (
    !after.some((message) => blocksOf(message, "messages").some((block) => block["type"] === "tool_result"))
  )
    return;
  must(
    /thinking$/.test(String(blocks[0]?.["type"])),
    "Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block",
  );
}
