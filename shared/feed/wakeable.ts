import type { Redis } from 'ioredis';

/**
 * Lets a read that waits for news end before its time, so that who reads can stop at once.
 *
 * @param reader a connection of the reader's own, before it is ready
 * @returns ends the read that it waits in, if it does, as though nothing had come; asks that of Redis by another
 *   connection. Where Redis is away or forbids it, the read ends in its own time.
 */
export function wakeable(reader: Redis): (by: Redis) => void {
  let id: number | undefined;
  reader.on('ready', () => {
    reader.client('ID').then(
      (known) => (id = known),
      () => undefined,
    );
  });
  return (by) => {
    if (id !== undefined) by.client('UNBLOCK', id).catch(() => undefined);
  };
}
