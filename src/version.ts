import { version } from "../package.json";

/** The release, as package.json names it. */
export const VERSION: string = version;

/** Written in by the build; absent when run from source. */
declare const BUILD_COMMIT: string | undefined;

/** Short commit of the build, or undefined when run from source. */
export const COMMIT: string | undefined =
  typeof BUILD_COMMIT === "string" && BUILD_COMMIT !== "" ? BUILD_COMMIT : undefined;
