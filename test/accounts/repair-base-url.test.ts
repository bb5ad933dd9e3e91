import { expect, test } from "bun:test";
import { otherBaseUrls } from "../../src/accounts/repair-base-url.ts";

const chat = { chat: [{ format: "openai-chat", path: "/chat/completions" }] } as const;
const glm = { chat: [{ format: "anthropic", path: "/anthropic/v1/messages" }] } as const;

test.each([
  ["http://h/v1", chat, []],
  ["http://h/v1/", chat, []],
  ["http://h", chat, ["http://h/v1"]],
  ["http://h/v1/chat/completions", chat, ["http://h/v1"]],
  ["http://h/v1/chat", chat, ["http://h/v1"]],
  ["http://h/chat/completions", chat, ["http://h", "http://h/v1"]],
  ["http://h/v1/models", chat, ["http://h/v1"]],
  ["http://h/v1/messages", chat, ["http://h/v1"]],
  ["http://h/openai/v1beta", chat, []],
  ["http://h/api/anthropic", glm, ["http://h/api", "http://h/api/v1"]],
  ["http://h/api/anthropic/v1/messages", glm, ["http://h/api", "http://h/api/v1"]],
])("%s may have been meant as another", (base, provider, expected) => {
  expect(otherBaseUrls(base, provider)).toEqual(expected);
});
