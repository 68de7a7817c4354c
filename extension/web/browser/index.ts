/**
 * The extension's `browser` made of web APIs: as much of it as the application uses. It stands in for `wxt/browser`
 * when the application is built as a web page (vite.config.ts), so that there is one application.
 */
import { pageMessages } from './messages.ts';
import { notifications } from './notices.ts';
import { areaOn, memoryTexts } from './storage.ts';
import { getMessage } from './words.ts';

const never = { addListener: () => undefined, removeListener: () => undefined };

function onAlarm() {
  const listeners = new Set<(alarm: { name: string }) => void>();
  const running = new Map<string, ReturnType<typeof setInterval>>();
  return {
    onAlarm: { addListener: (listener: (alarm: { name: string }) => void) => void listeners.add(listener) },
    async create(name: string, { periodInMinutes }: { periodInMinutes?: number }): Promise<void> {
      clearInterval(running.get(name));
      if (periodInMinutes === undefined) return;
      const ring = () => {
        for (const listener of listeners) listener({ name });
      };
      running.set(name, setInterval(ring, periodInMinutes * 60_000));
    },
    async clear(name: string): Promise<void> {
      clearInterval(running.get(name));
    },
  };
}

const pageTitle = 'Countersign';

export const browser = {
  storage: { local: areaOn(localStorage), session: areaOn(memoryTexts()) },
  runtime: {
    id: 'web',
    ...pageMessages(),
    onInstalled: never,
    onStartup: never,
    getPlatformInfo: async () => ({}),
    getManifest: () => ({ version: '' }),
    /** The extension's page is this one; everything else lies beside it. */
    getURL: (path: string) =>
      new URL(path === '/card.html' ? '.' : `.${path}`, location.href.split('#')[0]).href,
  },
  i18n: { getMessage, getUILanguage: () => navigator.language },
  alarms: onAlarm(),
  notifications,
  /** The page talks to the server that it came from, and needs nobody's leave. */
  permissions: {
    contains: async () => true,
    request: async () => true,
    remove: async () => false,
    onAdded: never,
    onRemoved: never,
  },
  /** The toolbar's button is the tab's title and, once installed, the badge on the icon. */
  action: {
    async setBadgeText({ text }: { text: string }): Promise<void> {
      document.title = text === '' ? pageTitle : `(${text}) ${pageTitle}`;
      const count = Number.parseInt(text, 10);
      if (!('setAppBadge' in navigator)) return;
      await (text === '' ? navigator.clearAppBadge() : navigator.setAppBadge(count || undefined)).catch(
        () => undefined,
      );
    },
    setBadgeBackgroundColor: async () => undefined,
    setBadgeTextColor: async () => undefined,
    setTitle: async () => undefined,
  },
  /** The views of an extension are the page itself, seen from the background that runs in it. */
  extension: { getViews: () => [{ document }] },
  tabs: {
    query: async () => [],
    update: async () => undefined,
    async create({ url }: { url: string }): Promise<void> {
      location.assign(url);
    },
  },
  windows: { update: async () => undefined },
};
