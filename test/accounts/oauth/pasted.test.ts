import { describe, expect, test } from "bun:test";
import { readAddress, readPasted } from "../../../src/accounts/oauth/pasted.ts";

const parts = (text: string) => {
  const { code, state, error, errorDescription } = readPasted(text) ?? {};
  return Object.fromEntries(
    Object.entries({ code, state, error, errorDescription }).filter(([, value]) => value !== undefined),
  );
};

describe("what a person pastes", () => {
  test.each([
    ["a whole address", "http://localhost:1455/auth/callback?code=abcd&state=st-1", "abcd", "st-1"],
    ["an address without a state", "http://localhost:1455/auth/callback?code=abcd", "abcd", undefined],
    [
      "an address of another program",
      "kiro://kiro.kiroAgent/authenticate-success?code=abcd&state=st-1",
      "abcd",
      "st-1",
    ],
    [
      "an address that puts the answer behind a #",
      "https://example.org/cb#code=abcd&state=st-1",
      "abcd",
      "st-1",
    ],
    [
      "an address with the state behind a #",
      "https://platform.claude.com/oauth/code/callback?code=abcd#st-1",
      "abcd",
      "st-1",
    ],
    [
      "an address with spaces around it",
      "  \n http://localhost/callback?code=abcd&state=st-1 \n",
      "abcd",
      "st-1",
    ],
    ["an address in quotes", '"http://localhost/callback?code=abcd&state=st-1"', "abcd", "st-1"],
    [
      "an address out of a page's source",
      "http://localhost/callback?code=abcd&amp;state=st-1",
      "abcd",
      "st-1",
    ],
    ["an escaped code", "http://localhost/callback?code=4%2F0Ab_c&state=st-1", "4/0Ab_c", "st-1"],
    ["code#state", "abcd#st-1", "abcd", "st-1"],
    ["code#state with spaces around it", " abcd#st-1\n", "abcd", "st-1"],
    ["a query", "code=abcd&state=st-1", "abcd", "st-1"],
    ["a query with its mark", "?code=abcd&state=st-1", "abcd", "st-1"],
    ["a query in another order", "state=st-1&code=abcd", "abcd", "st-1"],
    ["a query whose code holds the state", "code=abcd#st-1", "abcd", "st-1"],
    ["a bare code", "4/0Ab_cDeF-gh", "4/0Ab_cDeF-gh", undefined],
    ["a bare code with padding", "eyJhIjoxfQ==", "eyJhIjoxfQ==", undefined],
    [
      "a code with a plus nobody escaped",
      "http://localhost/callback?code=ab+cd==&state=st-1",
      "ab+cd==",
      "st-1",
    ],
  ])("may be %s", (_name, text, code, state) => {
    expect(parts(text)).toEqual({ code, ...(state !== undefined && { state }) });
  });

  test.each([
    [
      "a refusal",
      "http://localhost/callback?error=access_denied&error_description=No+thanks&state=st-1",
      {
        error: "access_denied",
        errorDescription: "No thanks",
        state: "st-1",
      },
    ],
    ["a refusal without words", "error=access_denied", { error: "access_denied" }],
  ])("may be %s", (_name, text, expected) => expect(parts(text)).toEqual(expected));

  test.each([
    "",
    "   ",
    "a code with spaces",
    "http://localhost/callback",
    "https://example.org/?x=1",
    "abc",
    "a#b#c#d",
    "?state=st-1",
    `code=${"a".repeat(20_000)}`,
  ])("cannot be %p", (text) => expect(readPasted(text.slice(0, 20_010))).toBeUndefined());

  test("keeps what stood beside the code", () => {
    const { parameters } = readPasted(
      "http://127.0.0.1:1455/auth/callback?code=abcd&state=s&client_id=issued-1",
    )!;
    expect(parameters.get("client_id")).toBe("issued-1");
  });
});

test("an address without an answer is none", () => {
  expect(readAddress("http://localhost:20128/callback")).toBeUndefined();
  expect(readAddress("http://localhost:20128/callback?state=only")).toBeUndefined();
});
