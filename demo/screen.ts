/** The terminal: finished calls scroll by, those that wait for a person stay below with the time they have left. */
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { RequestView } from '../sdk/index.ts';
import type { Call } from './calls.ts';
import { inert } from './inert.ts';
import type { Ending, Played } from './play.ts';

export type Screen = {
  line(text: string): void;
  pending(call: Call, request: RequestView): void;
  ended(played: Played): void;
  close(): void;
};

const most = 6;
const marks: Record<Ending, string> = {
  ran: pc.green('ran'),
  failed: pc.yellow('ran, failed'),
  error: pc.red('no answer'),
  interrupted: pc.yellow('interrupted'),
  policy_denied: pc.red('denied'),
  approval_rejected: pc.red('rejected'),
  approval_timeout: pc.yellow('timed out'),
  approval_cancelled: pc.yellow('cancelled'),
  approval_revoked: pc.red('revoked'),
  frozen: pc.red('frozen'),
};

/** Where there is no terminal (a pipe, a log) nothing is redrawn: a line when a call waits, and one when it ended. */
export function createScreen(out: WriteStream, now: () => number = Date.now): Screen {
  const waiting = new Map<Call, RequestView>();
  const live = out.isTTY === true;
  let drawn = 0;

  function erase(): void {
    if (drawn > 0) out.write(`\x1b[${drawn}F\x1b[J`);
    drawn = 0;
  }
  function draw(): void {
    if (!live) return;
    const rows = [...waiting].slice(0, most).map(([call, request]) => waitingRow(call, request, now()));
    if (waiting.size > most) rows.push(pc.dim(`  … and ${waiting.size - most} more`));
    for (const row of rows) out.write(`${row}\n`);
    // A row that is wider than the window takes more lines than one.
    const lines = rows.map((row) => Math.ceil(stripVTControlCharacters(row).length / (out.columns || 80)));
    drawn = lines.reduce((sum, each) => sum + each, 0);
  }
  function redraw(): void {
    erase();
    draw();
  }
  function line(text: string): void {
    erase();
    out.write(`${text}\n`);
    draw();
  }
  const ticking = live ? setInterval(redraw, 1000) : undefined;
  ticking?.unref();

  return {
    line,
    pending(call, request) {
      waiting.set(call, request);
      if (live) redraw();
      else out.write(`${waitingRow(call, request, now())}\n`);
    },
    ended(played) {
      waiting.delete(played.call);
      line(endedRow(played));
    },
    close() {
      clearInterval(ticking);
      erase();
    },
  };
}

function waitingRow(call: Call, request: RequestView, now: number): string {
  const left = request.expires_at === null ? '' : `, ${duration(Date.parse(request.expires_at) - now)} left`;
  const waits = pc.cyan(`waits for a person (${request.tier}${left})`);
  return `  ${pc.cyan('◌')} ${called(call)}  ${waits}  ${pc.dim(request.id)}`;
}

function endedRow({ call, ending, edited, waited, note, seconds }: Played): string {
  const how = [
    ...(edited ? ['edited'] : waited && (ending === 'ran' || ending === 'failed') ? ['approved'] : []),
    ...(waited ? [`after ${duration(seconds * 1000)}`] : []),
  ];
  const why = note ? `  ${pc.dim(`“${inert(note, 90)}”`)}` : '';
  const sign = ending === 'ran' ? pc.green('●') : ending === 'failed' ? pc.yellow('●') : pc.red('○');
  return `  ${sign} ${called(call)}  ${marks[ending]}${how.length > 0 ? pc.dim(` ${how.join(', ')}`) : ''}${why}`;
}

function called({ tool, args }: Call): string {
  const shown = Object.values(args).map((value) => (typeof value === 'object' ? '…' : String(value)));
  return `${pc.bold(inert(tool, 40))}${pc.dim(`(${inert(shown.join(', '), 40)})`)}`;
}

/** `1h 05m`, `4m 09s`, `7s`; never below zero. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h > 0) return `${h}h ${String(m).padStart(2, '0')}m`;
  return m > 0 ? `${m}m ${String(s).padStart(2, '0')}s` : `${s}s`;
}
