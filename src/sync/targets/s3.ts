import { AwsClient } from "aws4fetch";
import { sha256 } from "../../lib/ids.ts";
import type { Outbound } from "../../net/index.ts";
import { type Ask, ask, bytesOf } from "./ask.ts";
import type { SyncTarget } from "./target.ts";

export type S3Place = {
  /** `https://s3.eu-central-1.amazonaws.com`, or that of any compatible server. */
  endpoint: string;
  region: string;
  bucket: string;
  /** Folder within the bucket; may be empty. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
};

/** S3 lists a thousand names at a time; no group of devices has more. */
const LONGEST_LIST = 2_000_000;

/**
 * An S3-compatible bucket, addressed by path. Source of the calls:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html and its neighbours.
 */
export function s3Target(outbound: Outbound, place: S3Place): SyncTarget {
  const { accessKeyId, secretAccessKey, region } = place;
  const signer = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 0 });
  const bucket = `${place.endpoint.replace(/\/+$/, "")}/${encodeURIComponent(place.bucket)}`;
  const folder = place.prefix === "" ? "" : `${place.prefix.replace(/^\/+|\/+$/g, "")}/`;
  const at = (name: string) => `${bucket}/${folder.split("/").map(encodeURIComponent).join("/")}${name}`;

  async function signed({ headers, ...call }: Ask) {
    const { method, url, body } = call;
    const request = await signer.sign(url, {
      method,
      headers: { ...headers, "x-amz-content-sha256": sha256(body ?? "") },
      ...(body && { body: body as Uint8Array<ArrayBuffer> }),
    });
    return ask(outbound, { ...call, headers: Object.fromEntries(request.headers) });
  }

  return {
    async list(signal) {
      const url = `${bucket}?list-type=2&prefix=${encodeURIComponent(folder)}`;
      const response = await signed({ method: "GET", url, headers: {}, signal });
      const listed = (await response.text(LONGEST_LIST)).matchAll(/<Key>([^<]*)<\/Key>/g);
      return [...listed]
        .map(([, name = ""]) => name)
        .filter((name) => name.startsWith(folder))
        .map((name) => name.slice(folder.length));
    },
    async read(name, signal) {
      const response = await signed({ method: "GET", url: at(name), headers: {}, signal, expected: [404] });
      if (response.status !== 404) return bytesOf(response);
      response.cancel();
      return undefined;
    },
    async write(name, body, signal, onlyNew = false) {
      const response = await signed({
        method: "PUT",
        url: at(name),
        headers: { "content-type": "application/octet-stream", ...(onlyNew && { "if-none-match": "*" }) },
        body,
        signal,
        // 409: somebody else writes the same name right now.
        expected: onlyNew ? [412, 409] : [],
      });
      response.cancel();
      return response.status < 400;
    },
    async remove(name, signal) {
      (await signed({ method: "DELETE", url: at(name), headers: {}, signal, expected: [404] })).cancel();
    },
  };
}
