/** The parts of a service worker's global scope that the worker uses. Firefox's event page has none of them. */
export type ServiceWorkerScope = {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: {
      type: 'window';
      includeUncontrolled: boolean;
    }): Promise<readonly { visibilityState: DocumentVisibilityState }[]>;
  };
};

/** The scope where the background is a service worker, else null. */
export function serviceWorkerScope(): ServiceWorkerScope | null {
  const scope: object = self;
  return isServiceWorker(scope) ? scope : null;
}

function isServiceWorker(scope: object): scope is ServiceWorkerScope {
  return 'registration' in scope && 'clients' in scope;
}
