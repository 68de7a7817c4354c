/** `browser.notifications` on a page: those of its service worker, so that they outlive the page. */

type Options = { title: string; message: string; requireInteraction?: boolean };

async function shown(tag?: string): Promise<Notification[]> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return (await registration?.getNotifications(tag === undefined ? {} : { tag })) ?? [];
}

export const notifications = {
  async create(id: string, { title, message, requireInteraction = false }: Options): Promise<void> {
    // Asked for by a click of the reviewer's, never from here.
    if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification(title, { body: message, tag: id, requireInteraction });
  },
  async clear(id: string): Promise<void> {
    for (const notice of await shown(id)) notice.close();
  },
  async getAll(): Promise<Record<string, true>> {
    return Object.fromEntries((await shown()).map(({ tag }) => [tag, true]));
  },
  // The service worker hears the clicks (sw.ts).
  onClicked: { addListener: () => undefined },
  onButtonClicked: { addListener: () => undefined },
  onClosed: { addListener: () => undefined },
};
