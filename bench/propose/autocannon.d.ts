declare module 'autocannon' {
  type Request = { method: string; path: string; headers: Record<string, string>; body: string };
  type Options = {
    url: string;
    connections: number;
    amount: number;
    requests: (Request & { setupRequest: (request: Request) => Request })[];
  };
  type Result = {
    /** Seconds. */
    duration: number;
    errors: number;
    timeouts: number;
    '2xx': number;
    non2xx: number;
    /** Milliseconds. */
    latency: { p50: number; p99: number };
  };
  type Running = Promise<Result> & { on: (event: 'response', listener: () => void) => void };
  export default function autocannon(options: Options): Running;
}
