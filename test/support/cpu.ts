/** How long work keeps this thread's processor busy, ms: a machine that is busy with other things changes nothing of it. */
export function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
