/** The two calls that WXT leaves for its generated types; declared here, so that types are checked without a build. */
import 'wxt/browser';

declare module 'wxt/browser' {
  interface WxtRuntime {
    getURL(path: `/${string}`): string;
  }
  interface WxtI18n {
    getMessage(phrase: string, values?: string[]): string;
    getUILanguage(): string;
  }
}
