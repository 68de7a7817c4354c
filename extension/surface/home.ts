/**
 * The server that the page came from, where the application is a web page; null in the extension, which comes from
 * nowhere and has to be told.
 */
export const homeServer: string | null = /^https?:/.test(globalThis.location?.protocol ?? '')
  ? location.origin
  : null;
