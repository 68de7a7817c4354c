import { spawn } from 'node:child_process';

/**
 * Sees to it that a child process gets a SIGTERM when this process is gone, however it went: `kill -9`
 * leaves no time to clean up, but it does close the pipe that a small shell reads from.
 *
 * @param pid a child that leads its own process group, so that Ctrl-C does not reach it before its time
 * @returns revokes the will; to be called as soon as the child has ended
 */
export function endWithThisProcess(pid: number): () => void {
  if (process.platform === 'win32') return () => {};
  const shell = spawn('/bin/sh', ['-c', `read _; kill -TERM ${pid} 2>/dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the child is merely on its own; and the pipe must not keep this process alive.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return () => shell.kill('SIGKILL');
}
