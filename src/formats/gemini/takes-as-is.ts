import type { TargetModel } from "../../core/format.ts";
import { isSignatureNeeded } from "./signature-carrier.ts";

/**
 * Does the history hold only what this model takes? Since Gemini 3 the calls of a step must be signed, and those of
 * another vendor's model are not. A step ends where its results begin; fields may stand in any order before that.
 */
export function takesAsIs(body: Buffer, target: TargetModel): boolean {
  if (!isSignatureNeeded(target)) return true;
  let step = 0;
  for (let call = body.indexOf(CALL); call >= 0; call = body.indexOf(CALL, step)) {
    const result = body.indexOf(RESULT, call);
    const end = result < 0 ? body.length : result;
    const signature = body.indexOf(SIGNATURE, step);
    if (signature < 0 || signature > end) return false;
    step = end;
  }
  return true;
}

const CALL = Buffer.from('"functionCall"');
const RESULT = Buffer.from('"functionResponse"');
const SIGNATURE = Buffer.from('"thoughtSignature"');
