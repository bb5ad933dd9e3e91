import { timingSafeEqual } from "node:crypto";
import { badRequest } from "../../core/errors.ts";
import { randomToken, sha256 } from "../../lib/ids.ts";
import { DEFAULT_AWS_REGION } from "./aws-device.ts";
import type { Attempt, Choices } from "./flow.ts";

/** The secrets of one sign-in, new for each. Throws `bad_request` for choices that no vendor could take. */
export function newAttempt(choices: Choices): Attempt {
  const verifier = randomToken();
  return {
    state: randomToken(),
    nonce: randomToken(),
    verifier,
    challenge: Buffer.from(sha256(verifier), "hex").toString("base64url"),
    redirectUri: "",
    choices: checkedChoices(choices),
  };
}

/** Is this the attempt that a state came back for? Takes as long for a near guess as for a bad one. */
export function isOf(attempt: Attempt, state: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(state)), Buffer.from(sha256(attempt.state)));
}

/** A region becomes a part of an address. */
function checkedChoices(choices: Choices): Choices {
  const { region = DEFAULT_AWS_REGION } = choices;
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region))
    throw badRequest("The region must look like us-east-1.", "region");
  return { ...choices, region };
}
