/** Milliseconds from the reply of Redis `TIME`. */
export function redisTime([seconds, micros]: (string | number)[]): number {
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}
