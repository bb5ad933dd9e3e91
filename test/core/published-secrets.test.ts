import { describe, expect, test } from "bun:test";
import { isPublishedSecret, isTrustedSecret } from "../../src/core/published-secrets.ts";

describe("published secrets", () => {
  test.each([
    "123456",
    "CHANGEME",
    " changeme ",
    "omniroute-default-secret-change-me",
    "endpoint-proxy-api-key-secret",
    "9router-default-secret-change-me",
    "your-secret-here",
    "your_jwt_secret_at_least_32_characters",
    "please-change-me-now",
    "<a long random string>",
    "${JWT_SECRET}",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "generate-with-openssl-rand-base64-48",
    "",
  ])("%p is known to everybody", (value) => {
    expect(isPublishedSecret(value)).toBe(true);
    expect(isTrustedSecret(value)).toBe(false);
  });

  test.each(["kZ6tq2V0m3rYw8Lx1pNfB7sGdH4jC9aE", "a sentence that nobody has written down before"])(
    "%p is trusted",
    (value) => {
      expect(isPublishedSecret(value)).toBe(false);
      expect(isTrustedSecret(value)).toBe(true);
    },
  );

  test("a secret below sixteen characters is not trusted, though nobody published it", () => {
    expect(isPublishedSecret("k3Jd9sLqPz")).toBe(false);
    expect(isTrustedSecret("k3Jd9sLqPz")).toBe(false);
  });
});
