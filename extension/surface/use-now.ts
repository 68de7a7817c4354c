import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../api/clock.ts';

/** The server's time, moving once a second. */
export function useNow(): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
