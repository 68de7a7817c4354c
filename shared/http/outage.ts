/** What ioredis throws when the store is away or did not answer in time. Anything else thrown is a bug. */
export function isOutage(error: Error): boolean {
  const names = ['MaxRetriesPerRequestError', 'AbortError', 'ConnectionClosedError'];
  return (
    names.includes(error.name) ||
    /Connection is closed|Stream isn't writeable|Command timed out|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT/.test(
      error.message,
    ) ||
    // A Redis that is loading, read-only after a failover, out of memory, or without its AOF refuses by name.
    /^(LOADING|READONLY|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY)\b/.test(error.message)
  );
}
